import { notifications } from '@mantine/notifications';

/** Puts a text on the clipboard, and says so. */
export async function copyText(text: string, said: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    notifications.show({ id: 'copied', message: said, color: 'gray', autoClose: 2_000 });
  } catch {
    // Without https, or not allowed: at least it can be copied by hand.
    notifications.show({ id: 'copied', title: 'Copy it by hand', message: text, color: 'yellow', autoClose: false });
  }
}

export async function copyLink(url: string): Promise<void> {
  await copyText(url, 'The link is on the clipboard.');
}
