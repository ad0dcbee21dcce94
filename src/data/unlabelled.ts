/** The class of examples of which none is known, such as those to predict. */
export const UNLABELLED: readonly string[] = ['unlabelled'];
