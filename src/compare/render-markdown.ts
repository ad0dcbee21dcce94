import { markdownTable, markdownText } from '../core/markdown.ts';
import { rowLabel, type ComparisonTable, type Section } from './table.ts';

/** A Markdown document (GitHub's tables): one table per section, the best values in bold, the notes below. */
export function renderMarkdown({ experiments, sections, notes }: ComparisonTable): string {
  const parts = [
    `# Comparison: ${experiments.join(', ')}`,
    ...sections.map(section => markdownSection(section, experiments)),
    ...(notes.length === 0 ? [] : [notes.map(note => `- ${markdownText(note)}`).join('\n')]),
  ];
  return `${parts.join('\n\n')}\n`;
}

function markdownSection({ title, rows }: Section, experiments: readonly string[]): string {
  const body = rows.map(row => [
    markdownText(rowLabel(row)),
    ...row.cells.map(({ text, best }) => (best ? `**${markdownText(text)}**` : markdownText(text))),
  ]);
  return `## ${title}\n\n${markdownTable(['', ...experiments], body)}`;
}
