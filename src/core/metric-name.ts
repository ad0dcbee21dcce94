/** The stage's own name of a metric of a record, in which a later stage's of the same name is `<stage>.<name>`. */
export const metricName = (name: string, stage: string): string =>
  name.startsWith(`${stage}.`) ? name.slice(stage.length + 1) : name;
