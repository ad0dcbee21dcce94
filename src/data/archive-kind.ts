import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { Failure } from '../core/failure.ts';
import { shellWord } from '../core/shell-word.ts';
import { fileFailure } from './file-failure.ts';

interface Kind {
  /** With its article. */
  readonly name: string;
  /** First bytes of the file, in Latin-1. */
  readonly magic: RegExp;
  /** Advice. @param file Quoted for a shell. */
  readonly hint: (file: string) => string;
}

const unpack = (command: string) => (file: string) =>
  `Unpack it into a folder of its own and give that: ${command.replace('FILE', () => file)}`;
const folders = () => 'Write its pictures to files, in one folder per class: <class>/<picture>.';
const pictureHint = () => 'Give the folder that holds the folders of the classes, not a picture.';

const KINDS: readonly Kind[] = [
  { name: 'a zstd archive', magic: /^\x28\xb5\x2f\xfd/, hint: unpack('tar --zstd -xf FILE') },
  { name: 'an xz archive', magic: /^\xfd7zXZ\0/, hint: unpack('tar -xJf FILE') },
  { name: 'a bzip2 archive', magic: /^BZh[1-9]/, hint: unpack('tar -xjf FILE') },
  { name: 'a 7z archive', magic: /^7z\xbc\xaf\x27\x1c/, hint: unpack('7z x FILE') },
  { name: 'a RAR archive', magic: /^Rar!\x1a\x07/, hint: unpack('unrar x FILE') },
  { name: 'a zip archive', magic: /^PK(\x03\x04|\x05\x06)/, hint: unpack('unzip FILE') },
  { name: 'an lz4 archive', magic: /^\x04\x22\x4d\x18/, hint: unpack('lz4 -dc FILE | tar -x') },
  { name: 'an lzip archive', magic: /^LZIP/, hint: unpack('tar --lzip -xf FILE') },
  { name: 'a compress archive', magic: /^\x1f[\x9d\xa0]/, hint: unpack('tar -xZf FILE') },
  { name: 'an HDF5 file', magic: /^\x89HDF\r\n\x1a\n/, hint: folders },
  { name: 'a Parquet file', magic: /^PAR1/, hint: folders },
  { name: 'a picture', magic: /^(\x89PNG|\xff\xd8\xff|GIF8|RIFF....WEBP)/s, hint: pictureHint },
  {
    name: 'a web page',
    magic: /^\s*<(!doctype|html)/i,
    hint: () => 'Download it again: its server sent a page instead.',
  },
  {
    name: 'a pointer of Git LFS',
    magic: /^version https:\/\/git-lfs/,
    hint: file => `Fetch it: git lfs pull --include ${file}`,
  },
  { name: 'an empty file', magic: /^$/, hint: () => 'Get it again; its copying or downloading failed.' },
];

const HEAD = 64;

/** Refuses other files than tar archives by their first bytes: tar's parser would hang, fail late or blame the archive. */
export async function checkArchiveKind(archive: string): Promise<void> {
  const head = await headOf(archive);
  const kind = KINDS.find(({ magic }) => magic.test(head));
  if (kind === undefined) return;
  throw new Failure({
    code: 'not-tar',
    message: `${archive} is ${kind.name}, which cannot be read as a tar archive`,
    hint: kind.hint(shellWord(basename(archive))),
  });
}

async function headOf(archive: string): Promise<string> {
  try {
    const file = await open(archive);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD), 0, HEAD, 0);
      return buffer.toString('latin1', 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw fileFailure(error, archive, 'read');
  }
}
