import { createHash, hash } from 'node:crypto';

/** sha256 (hex) of a text or of bytes. */
export const sha256 = (content: string | Uint8Array): string => hash('sha256', content, 'hex');

/** The same of lines joined by newlines, without joining them in memory. */
export function sha256OfLines(lines: Iterable<string>): string {
  const sum = createHash('sha256');
  let between = '';
  for (const line of lines) {
    sum.update(between).update(line);
    between = '\n';
  }
  return sum.digest('hex');
}

export const isSha256 = (text: string): boolean => /^[0-9a-f]{64}$/.test(text);
