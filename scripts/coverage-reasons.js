/** Files of src/ with less than 80% of their lines covered by tests, with reasons. */
export const REASONS = {};
