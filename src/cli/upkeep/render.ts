import { unreachable } from '../../core/failure.ts';
import { formatBytes, formatTime, MISSING } from '../../core/format.ts';
import { printable } from '../../core/printable.ts';
import type { Reason } from '../../registry/index.ts';
import type { Kept } from '../../upkeep/choose.ts';
import type { Collected } from '../../upkeep/collect.ts';
import type { Ended } from '../../upkeep/empty.ts';
import type { Removal } from '../../upkeep/remove.ts';
import { alignColumns } from '../../core/align-columns.ts';
import { paintStatus } from '../list/render.ts';
import type { Colors } from '../terminal.ts';

/** Characters of a fingerprint to show, which also identify it on the command line. */
const SHOWN = 12;

const REASONS: Readonly<Record<Reason | 'left', string>> = {
  removed: 'removed by pipe rm',
  failed: 'failed',
  crashed: 'crashed',
  interrupted: 'interrupted',
  surplus: 'there are newer ones',
  unused: 'no experiment uses it',
  damaged: 'damaged',
  left: 'a killed process left it',
};

type Cells = readonly string[];

function table(head: Cells, rows: readonly Cells[], colors: Colors): string {
  const last = head.length - 1;
  return alignColumns([head.map(colors.bold), ...rows], [...Array<'left'>(last).fill('left'), 'right']);
}

/** The table of experiments that `pipe rm` removes. */
export function renderRemovals(removals: readonly Removal[], colors: Colors): string {
  const rows = removals.map(({ id, pipeline, status, bytes }) => [
    id,
    printable(pipeline ?? MISSING),
    paintStatus(status, colors),
    formatBytes(bytes),
  ]);
  return table(['id', 'pipeline', 'status', 'frees'], rows, colors);
}

type Thing = Collected | Ended;

/** Entries that `pipe gc` collects or deletes, or that are in the trash. */
export function renderThings(things: readonly Thing[], colors: Colors): string {
  const hasTimes = things.some(thing => 'at' in thing);
  const rows = things.map(thing => {
    const at = 'at' in thing ? formatTime(thing.at) : MISSING;
    return [
      nameOf(thing),
      aboutOf(thing),
      ...(hasTimes ? [at] : []),
      REASONS[thing.why],
      formatBytes(thing.bytes),
    ];
  });
  return table(['what', 'of', ...(hasTimes ? ['removed'] : []), 'why', 'frees'], rows, colors);
}

/** `exp-3`, `cache 0123456789ab`, or a path. */
export function nameOf({ kind, name }: Pick<Thing, 'kind' | 'name'>): string {
  return kind === 'cache' ? `cache ${name.slice(0, SHOWN)}` : printable(name);
}

/** An experiment's pipeline, or the stage whose result it is. */
function aboutOf(thing: Thing): string {
  switch (thing.kind) {
    case 'experiment':
      return printable(thing.pipeline ?? MISSING);
    case 'cache':
      return thing.stage === null ? MISSING : printable(`${thing.stage} of ${thing.experiment ?? MISSING}`);
    case 'leftover':
      return MISSING;
    default:
      return unreachable(thing);
  }
}

/** Lines about experiments that stay although selected. */
export function keptLines(kept: readonly Kept[]): string {
  return kept
    .map(({ id, because }) => `${id} stays: ${printable(because.map(({ message }) => message).join('; '))}\n`)
    .join('');
}
