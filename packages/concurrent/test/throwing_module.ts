// A module that cannot be imported.
export function never(): void {}

throw new RangeError("this module is of no use");
