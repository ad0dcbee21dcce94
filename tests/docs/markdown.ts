/** The parts of a Markdown file that can be held against the checkout. */
import { readFileSync, readdirSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** The pages for users below docs/, and those on the design. */
const pages = readdirSync(new URL('docs', `file://${root}`), { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.md'))
  .map(name => `docs/${name}`)
  .sort();

export const documents = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...pages];

/** What a newcomer reads: README.md and the pages that are not about the design. */
export const guides = ['README.md', ...pages.filter(name => !name.startsWith('docs/design/'))];

export const readDocument = (name: string): string => readFileSync(new URL(name, `file://${root}`), 'utf8');

export interface CodeBlock {
  /** As written after the fence; empty for none. */
  readonly language: string;
  readonly text: string;
}

export function codeBlocks(markdown: string): readonly CodeBlock[] {
  return [...markdown.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, language = '', text = '']) => ({
    language,
    text,
  }));
}

const withoutBlocks = (markdown: string) => markdown.replace(/^```.*?^```$/gms, '');

/** `code` within sentences and tables. */
export function codeSpans(markdown: string): readonly string[] {
  return [...withoutBlocks(markdown).matchAll(/`([^`\n]+)`/g)].map(([, text = '']) => text);
}

/** What people type: spans, and the lines of shell blocks without their comments. */
export function shellLines(markdown: string): readonly string[] {
  const lines = codeBlocks(markdown)
    .filter(({ language }) => language === 'sh' || language === 'console')
    .flatMap(({ text }) => text.split('\n'));
  return [...codeSpans(markdown), ...lines].map(line => line.replace(/(^| )# .*$/, ''));
}

/** Targets of a document's links and pictures that are not on the web: a path from the root, empty for the document itself. */
export function relativeLinks(
  document: string,
): readonly { readonly file: string; readonly anchor?: string }[] {
  return [...withoutBlocks(readDocument(document)).matchAll(/\]\(([^)]+)\)/g)]
    .map(([, target = '']) => target)
    .filter(target => !/^https?:/.test(target))
    .map(target => {
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? document : posix.join(posix.dirname(document), path);
      return { file, ...(anchor !== undefined && { anchor }) };
    });
}

/** Anchors as GitHub makes them of headings. */
export function anchors(markdown: string): readonly string[] {
  return [...withoutBlocks(markdown).matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** The rows of the table whose first heading is this, without the head; cells as they are written. */
export function tableRows(markdown: string, heading: string): readonly (readonly string[])[] {
  const lines = markdown.split('\n');
  const head = lines.findIndex(line => line.startsWith(`| ${heading} `));
  if (head === -1) throw new Error(`there is no table “${heading}”`);
  const end = lines.findIndex((line, index) => index > head && !line.startsWith('|'));
  return lines.slice(head + 2, end === -1 ? undefined : end).map(line =>
    line
      .slice(1, -1)
      .split('|')
      .map(cell => cell.trim()),
  );
}
