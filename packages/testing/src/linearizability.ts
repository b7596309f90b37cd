// Whether operations that ran at the same time did what they would have done one after the other, in an order that no
// caller could have seen to be wrong.
//
// The search is that of Wing and Gong (Testing and verifying concurrent objects, 1993) as Lowe improved it (Testing for
// linearizability, 2017): an operation that was called, and before whose call no other one returned, may be the next; a
// set of operations with the state that they led to is tried once. Of one that never returned, as its caller was
// killed, nobody knows the result, nor whether it happened at all.

/** An operation as its caller saw it. The clock is one for all callers. */
export interface Operation<I, O> {
  /** What was asked for. */
  input: I;
  /** What came of it. Of no meaning if it never returned. */
  output: O;
  /** When it was called. */
  called: number;
  /** When it returned; `Infinity`, or null in JSON, for never. */
  returned: number | null;
}

/** What an object does where operations come one after the other. */
export interface Specification<S, I, O> {
  /** The state in the beginning. A state is never changed, another one takes its place. */
  initial: S;
  /** What the operation gives, and the state after it. */
  step(state: S, input: I): { output: O; state: S };
  /** The same string for states that are the same. */
  show(state: S): string;
}

/** A call, or the return of it, in a list by time. */
interface Moment {
  readonly index: number; // of the operation
  readonly returnOf: Moment | undefined; // the call; undefined for a call
  next: Moment | undefined;
  previous: Moment | undefined;
}

/** One step of the search, to go back by. */
interface Choice<S> {
  readonly call: Moment;
  readonly state: S;
}

/** True if the history could have come from operations that happened one after the other. */
export function isLinearizable<S, I, O>(
  specification: Specification<S, I, O>,
  history: readonly Operation<I, O>[],
): boolean {
  return new Search(specification, history).run();
}

class Search<S, I, O> {
  readonly #specification: Specification<S, I, O>;
  readonly #history: readonly Operation<I, O>[];
  readonly #returns: (Moment | undefined)[];
  readonly #head: Moment;
  readonly #chosen: Uint8Array;
  readonly #tried = new Set<string>();
  readonly #choices: Choice<S>[] = [];
  #state: S;

  constructor(specification: Specification<S, I, O>, history: readonly Operation<I, O>[]) {
    this.#specification = specification;
    this.#history = history;
    this.#state = specification.initial;
    this.#chosen = new Uint8Array(Math.ceil(history.length / 8));
    this.#returns = Array(history.length);
    this.#head = { index: -1, returnOf: undefined, next: undefined, previous: undefined };
    let last = this.#head;
    for (const moment of momentsOf(history)) {
      last.next = moment;
      moment.previous = last;
      last = moment;
      if (moment.returnOf !== undefined) this.#returns[moment.index] = moment;
    }
  }

  run(): boolean {
    let left = this.#returns.filter((moment) => moment !== undefined).length;
    let moment = this.#head.next;
    while (left > 0) {
      if (moment !== undefined && moment.returnOf === undefined) {
        const isNext = this.#choose(moment);
        if (isNext && this.#returns[moment.index] !== undefined) left--;
        moment = isNext ? this.#head.next : moment.next;
        continue;
      }
      // The first that returned, and nothing that may be before it lets it be: some earlier choice was wrong.
      const choice = this.#choices.pop();
      if (choice === undefined) return false;
      this.#takeBack(choice);
      if (this.#returns[choice.call.index] !== undefined) left++;
      moment = choice.call.next;
    }
    return true;
  }

  /** Lets the operation be the next one, if it may be and that was not tried before. */
  #choose(call: Moment): boolean {
    const { input, output, returned } = this.#history[call.index]!;
    const { output: expected, state } = this.#specification.step(this.#state, input);
    if (returned !== null && returned !== Infinity && !Object.is(expected, output)) return false;
    this.#mark(call.index);
    const tried = `${this.#chosen} ${this.#specification.show(state)}`;
    if (this.#tried.has(tried)) {
      this.#mark(call.index);
      return false;
    }
    this.#tried.add(tried);
    this.#choices.push({ call, state: this.#state });
    this.#state = state;
    takeOut(call);
    takeOut(this.#returns[call.index]);
    return true;
  }

  #takeBack({ call, state }: Choice<S>): void {
    this.#state = state;
    this.#mark(call.index);
    putBack(this.#returns[call.index]);
    putBack(call);
  }

  /** Marks it, or takes the mark away. */
  #mark(index: number): void {
    this.#chosen[index >> 3]! ^= 1 << (index & 7);
  }
}

/** Calls and returns by time; at the same instant calls are first, as nobody knows better. */
function momentsOf(history: readonly Operation<unknown, unknown>[]): Moment[] {
  const moments: { at: number; moment: Moment }[] = [];
  for (const [index, { called, returned }] of history.entries()) {
    const call: Moment = { index, returnOf: undefined, next: undefined, previous: undefined };
    moments.push({ at: called, moment: call });
    if (returned === null || returned === Infinity) continue;
    moments.push({ at: returned, moment: { index, returnOf: call, next: undefined, previous: undefined } });
  }
  const isReturn = ({ returnOf }: Moment): number => Number(returnOf !== undefined);
  return moments.sort((a, b) => a.at - b.at || isReturn(a.moment) - isReturn(b.moment)).map(({ moment }) => moment);
}

function takeOut(moment: Moment | undefined): void {
  if (moment === undefined) return;
  moment.previous!.next = moment.next;
  if (moment.next !== undefined) moment.next.previous = moment.previous;
}

function putBack(moment: Moment | undefined): void {
  if (moment === undefined) return;
  moment.previous!.next = moment;
  if (moment.next !== undefined) moment.next.previous = moment;
}
