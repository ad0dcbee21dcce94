import type { Artifact } from '../../core/artifacts.ts';
import type { CompletePorts } from '../../core/ports.ts';
import { printable } from '../../core/printable.ts';
import { artifactFaults } from './artifact-faults.ts';

/** Most faults to list: thousands of files may be missing. */
const MOST = 20;

/**
 * Faults of a stage's outputs by their declared kinds, at most 20 lines: `output "data": count is 2.5; expected …`.
 * @param areNew True if the stage has just written them; the content of others is not read again.
 */
export async function outputsFaults(
  ports: CompletePorts,
  outputs: Readonly<Record<string, Artifact>>,
  options: { readonly areNew: boolean },
): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const [name, artifact] of Object.entries(outputs))
    for (const fault of await faultsOf(ports, name, artifact, options))
      faults.push(printable(`output "${name}": ${fault}`));
  return faults.length > MOST ? [...faults.slice(0, MOST), `… and ${faults.length - MOST} more`] : faults;
}

async function faultsOf(
  ports: CompletePorts,
  name: string,
  artifact: Artifact,
  options: { readonly areNew: boolean },
): Promise<readonly string[]> {
  const port = Object.hasOwn(ports, name) ? ports[name] : undefined;
  // No longer declared, and so not used by any stage.
  if (port === undefined) return [];
  if (artifact.kind !== port.kind) return [`it is of kind ${artifact.kind}; expected ${port.kind}`];
  return artifactFaults(port.definition, artifact, options);
}
