import { printable } from '../core/printable.ts';
import { rowLabel, type ComparisonTable, type Section } from './table.ts';

/** A Markdown document (GitHub's tables): one table per section, the best values in bold, the notes below. */
export function renderMarkdown({ experiments, sections, notes }: ComparisonTable): string {
  const parts = [
    `# Comparison: ${experiments.join(', ')}`,
    ...sections.map(section => markdownSection(section, experiments)),
    ...(notes.length === 0 ? [] : [notes.map(note => `- ${escape(note)}`).join('\n')]),
  ];
  return `${parts.join('\n\n')}\n`;
}

function markdownSection({ title, rows }: Section, experiments: readonly string[]): string {
  const body = rows.map(row => [
    escape(rowLabel(row)),
    ...row.cells.map(({ text, best }) => (best ? `**${escape(text)}**` : escape(text))),
  ]);
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const table = [['', ...experiments], ['---', ...experiments.map(() => '---')], ...body].map(line);
  return `## ${title}\n\n${table.join('\n')}`;
}

/** Text escaped for a table's cell. */
function escape(text: string): string {
  return printable(text).replace(/[\\|<>*`]/g, character => `\\${character}`);
}
