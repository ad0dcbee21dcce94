import { markdownTable, markdownText } from '../core/markdown.ts';
import { legendOf, type Legend } from './legend.ts';
import type { ComparisonTable, Section } from './table.ts';

/** A Markdown document (GitHub's tables): one table per section, the best values in bold, the legend and the notes below. */
export function renderMarkdown(table: ComparisonTable): string {
  const { heads, sections, notes } = table;
  const { labelOf, lines } = legendOf(table);
  const remarks = [...lines, ...notes];
  const parts = [
    `# Comparison: ${heads.join(', ')}`,
    ...sections.map(section => markdownSection(section, heads, labelOf)),
    ...(remarks.length === 0 ? [] : [remarks.map(note => `- ${markdownText(note)}`).join('\n')]),
  ];
  return `${parts.join('\n\n')}\n`;
}

function markdownSection(
  { title, rows }: Section,
  heads: readonly string[],
  labelOf: Legend['labelOf'],
): string {
  const body = rows.map(row => [
    markdownText(labelOf(row)),
    ...row.cells.map(({ text, best }) => (best ? `**${markdownText(text)}**` : markdownText(text))),
  ]);
  return `## ${title}\n\n${markdownTable(['', ...heads], body)}`;
}
