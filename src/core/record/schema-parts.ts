/** Shared parts of the record's schema. */
import { Type, type Static, type TSchema } from 'typebox';
import type { Interval } from '../interval.ts';
import { PROTOCOL_PATTERN } from '../protocol.ts';

/** The schema's value, or null. */
export const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

/** Values by any name. TypeBox's Record ignores names that contain line ends. */
export const ByName = <T extends TSchema>(schema: T, options: { readonly description?: string } = {}) =>
  Type.Unsafe<Record<string, Static<T>>>({ ...options, type: 'object', additionalProperties: schema });

/** A 95 % interval. */
export const IntervalRecord = (description: string) =>
  Type.Unsafe<Interval>({
    type: 'array',
    items: { type: 'number' },
    minItems: 2,
    maxItems: 2,
    description: `${description}: its bounds, the lower one first.`,
  });

export const Protocol = (description: string) => Type.String({ pattern: PROTOCOL_PATTERN, description });

export const FileRecord = Type.Object({
  path: Type.String({ description: 'Relative to the experiment’s folder, with forward slashes.' }),
  bytes: Type.Integer(),
  sha256: Type.String(),
});

export const checksum = Type.Optional(
  Type.String({ description: 'sha256 of everything else here, as JSON without spaces.' }),
);

export type FileRecord = Static<typeof FileRecord>;
