/** Arguments of git for a commit without changes, by somebody whom no configuration has to name. */
export const emptyCommit = [
  '-c',
  'user.name=A',
  '-c',
  'user.email=a@example.org',
  'commit',
  '--allow-empty',
  '-qm',
  'x',
];
