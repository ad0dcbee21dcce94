import { Failure } from '../../core/failure.ts';
import { withCredentialsOf } from './credentials.ts';
import type { IndexClient } from './index-client.ts';
import type { PackageIndex } from './package-index.ts';
import type { Wheel } from './release.ts';
import { refused } from './remote-file.ts';

/** Both forms of the simple repository API; some mirrors have the older one only. */
const ACCEPT = 'application/vnd.pypi.simple.v1+json, text/html;q=0.5';

/** URL of the file with the wheel's sha256. @throws Failure `index-refused` if no index has it. */
export async function findWheel(
  client: IndexClient,
  { urls }: PackageIndex,
  { requirement, sha256 }: Pick<Wheel, 'requirement' | 'sha256'>,
): Promise<string> {
  const project = requirement.split('==')[0]?.replaceAll('_', '-') ?? '';
  for (const index of urls) {
    const page = `${index.replace(/\/+$/, '')}/${project}/`;
    const response = await client.get(page, { accept: ACCEPT });
    if (response.status !== 200 && index === urls.at(-1)) throw refused({ url: page }, response);
    const found = response.status === 200 ? fileWith(sha256, await response.text()) : undefined;
    if (found !== undefined) return withCredentialsOf(new URL(found, response.url), index);
  }
  throw new Failure({
    code: 'index-refused',
    message: `The Python package index that is set up does not have the file of ${requirement} that is expected.`,
    details: [`looked for sha256 ${sha256}`],
    hint: 'see which index is set up: PIP_INDEX_URL, UV_DEFAULT_INDEX, pip config list',
  });
}

interface ProjectPage {
  readonly files: readonly { readonly url: string; readonly hashes: { readonly sha256?: string } }[];
}

function fileWith(sha256: string, page: string): string | undefined {
  if (!page.trimStart().startsWith('{')) {
    const address = new RegExp(`href="([^"#]+)#sha256=${sha256}"`, 'i').exec(page)?.[1];
    return address?.replaceAll('&amp;', '&');
  }
  const { files } = JSON.parse(page) as ProjectPage;
  return files.find(({ hashes }) => hashes.sha256 === sha256)?.url;
}
