/** Files of src/ of which tests execute less than 80% of the lines, and why. */
export const REASONS = {};
