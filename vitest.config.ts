import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const publicModule = fileURLToPath(new URL('src/index.ts', import.meta.url));

export default defineConfig({
  resolve: { alias: { pipe: publicModule, 'pipe-dl': publicModule } },
  test: {
    include: ['tests/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 300_000,
    globalSetup: 'tests/rig/build.ts',
  },
});
