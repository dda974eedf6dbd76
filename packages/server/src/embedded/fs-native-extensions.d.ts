declare module 'fs-native-extensions' {
  /** Locks a range of bytes of an open file for this process; false when another one holds it. */
  export function tryLock(fd: number, offset: number, length: number): boolean;
}
