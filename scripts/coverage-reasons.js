/** Files of src/ of which tests execute less than 80% of the lines, and why. */
export const REASONS = {
  'src/core/parse-json.ts':
    'JSON.parse throws nothing but SyntaxErrors; the line that passes others on has no input',
  'src/host/file-clock.ts':
    'a file system that cannot be written: the superuser, as whom tests may run, can write',
  'src/host/home.ts':
    'a user whom the system does not know: another user’s process, which cannot write coverage',
  'src/host/machine-id.ts': 'reads /etc/machine-id, which a machine has or lacks; tests cannot choose',
  'src/storage/delete-tree.ts': 'another process that deletes the same folder in the same moment',
};
