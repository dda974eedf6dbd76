/** The seed of this run: printed, and replayed with FAULT_SEED. */
export const seedOfRun = Number(process.env['FAULT_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

/** Numbers from 0 to 1 that the seed and `name` decide. */
export function seededRandom(name: string): () => number {
  console.log(`${name}: FAULT_SEED=${seedOfRun}`);
  let state = Buffer.from(name).reduce((sum, byte) => Math.imul(sum, 31) + byte, seedOfRun) >>> 0;
  // mulberry32
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
