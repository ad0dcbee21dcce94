import { hash } from 'node:crypto';

/** sha256 (hex) of a text or of bytes. */
export const sha256 = (content: string | Uint8Array): string => hash('sha256', content, 'hex');

export const isSha256 = (text: string): boolean => /^[0-9a-f]{64}$/.test(text);
