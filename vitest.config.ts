import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const publicModule = fileURLToPath(new URL('src/index.ts', import.meta.url));

const commands = process.env['PIPE_COMMAND_COVERAGE'];

export default defineConfig({
  resolve: { alias: { pipe: publicModule, 'pipe-dl': publicModule } },
  test: {
    include: ['tests/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 300_000,
    // Set by scripts/coverage.js: the commands that tests start say which lines they executed.
    ...(commands && { env: { NODE_V8_COVERAGE: commands } }),
    globalSetup: 'tests/rig/build.ts',
  },
});
