// Values that show whether they are whole: all parts say the same number.
import { equal } from "node:assert/strict";

const LENGTHS = [0, 10, 100, 1000, 10_000, 60_000];

/** A number, a string or an object with that number in every part. */
export function whole(number: number): unknown {
  const length = LENGTHS[number % LENGTHS.length] ?? 0;
  switch (number % 4) {
    case 0:
      return number;
    case 1:
      return `${number}:${String(number % 10).repeat(length)}`;
    case 2:
      return new Uint8Array(length).fill(number);
    default:
      return { number, bytes: new Uint8Array(length).fill(number), text: String(number % 10).repeat(length) };
  }
}

/** @throws {AssertionError} Unless `whole()` has made it. */
export function checkWhole(value: unknown): void {
  if (typeof value === "string") checkText(value);
  else if (value instanceof Uint8Array) checkBytes(value, value[0]);
  else if (typeof value === "object" && value !== null) checkObject(value as Record<string, unknown>);
  else equal(value === undefined || Number.isInteger(value), true);
}

function checkText(value: string): void {
  const number = parseInt(value);
  equal(value, `${number}:${String(number % 10).repeat(LENGTHS[number % LENGTHS.length] ?? 0)}`);
}

function checkBytes(bytes: Uint8Array, expected: number | undefined): void {
  equal(LENGTHS.includes(bytes.length), true);
  equal(bytes.every((byte) => byte === expected), true);
}

function checkObject({ number, bytes, text }: Record<string, unknown>): void {
  const length = LENGTHS[Number(number) % LENGTHS.length] ?? 0;
  equal((bytes as Uint8Array).length, length);
  checkBytes(bytes as Uint8Array, Number(number) & 0xff);
  equal(text, String(Number(number) % 10).repeat(length));
}
