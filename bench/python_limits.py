"""What Python's multiprocessing reaches on the same machine. One command a line in, one number a line out.

ready                      0
lock N | semaphore N       ns per acquire and release that nobody contends
contended K MS             acquire and release per second of K processes on one Lock
ping_pong N                ns per round trip of two processes with two Semaphores
barrier K N                ns per round of K processes at a Barrier
condition N                ns per round trip of two processes with a Condition
manager_get N              ns per get of a Manager's dict; manager_set N, ns per set
list_ends N                ns per append and pop(0) of a Manager's list; list_at N, ns per element read
list_middle N              ns per insert in the middle and pop there
queue N                    ns per message of 64 bytes from one process to another
task_round_trip N          ns per empty task of a ProcessPoolExecutor, one at a time
task_throughput N          ns per empty task, all submitted at once to 2 workers
task_mebibyte N            ns per task that takes and gives back 1 MiB
"""

import concurrent.futures
import multiprocessing
import sys
import time

context = multiprocessing.get_context("fork")
OPERATIONS_PER_CLOCK = 64


def uncontended(lock, count):
    start = time.monotonic_ns()
    for _ in range(count):
        lock.acquire()
        lock.release()
    return (time.monotonic_ns() - start) / count


def in_processes(count, work):
    """Runs work(index) in each process; returns what the processes returned."""
    results = context.SimpleQueue()
    processes = [
        context.Process(target=lambda index=index: results.put(work(index)))
        for index in range(count)
    ]
    for process in processes:
        process.start()
    returned = [results.get() for _ in processes]
    for process in processes:
        process.join()
    return returned


def contended(parties, milliseconds):
    lock = context.Lock()
    everyone = context.Barrier(parties)

    def work(_):
        everyone.wait()
        stop = time.monotonic_ns() + milliseconds * 1_000_000
        done = 0
        while time.monotonic_ns() < stop:
            for _ in range(OPERATIONS_PER_CLOCK):
                lock.acquire()
                lock.release()
            done += OPERATIONS_PER_CLOCK
        return done

    return sum(in_processes(parties, work)) * 1000 / milliseconds


def ping_pong(rounds):
    ping, pong = context.Semaphore(0), context.Semaphore(0)

    def work(index):
        mine, other = (ping, pong) if index == 0 else (pong, ping)
        for turn in range(rounds + 1):
            if turn == 1:
                start = time.monotonic_ns()
            if index == 0:
                other.release()
            mine.acquire()
            if index == 1:
                other.release()
        return (time.monotonic_ns() - start) / rounds

    return max(in_processes(2, work))


def barrier(parties, rounds):
    everyone = context.Barrier(parties)

    def work(_):
        everyone.wait()
        start = time.monotonic_ns()
        for _ in range(rounds):
            everyone.wait()
        return (time.monotonic_ns() - start) / rounds

    return max(in_processes(parties, work))


def condition(rounds):
    subject = context.Condition()
    turn = context.RawValue("i", 0)

    def work(index):
        with subject:
            for count in range(rounds + 1):
                if count == 1:
                    start = time.monotonic_ns()
                while turn.value != index:
                    subject.wait()
                turn.value = 1 - index
                subject.notify()
            return (time.monotonic_ns() - start) / rounds

    return max(in_processes(2, work))


class Shared:
    """One Manager, started at its first use."""

    numbers = None
    elements = None

    @classmethod
    def list(cls):
        if cls.elements is None:
            cls.list_manager = context.Manager()
            cls.elements = cls.list_manager.list([1.5] * 10_000)
        return cls.elements

    @classmethod
    def dict(cls):
        if cls.numbers is None:
            cls.manager = context.Manager()
            cls.numbers = cls.manager.dict({f"key {i}": 1.5 for i in range(10_000)})
        return cls.numbers


def manager_get(count):
    numbers = Shared.dict()
    start = time.monotonic_ns()
    for i in range(count):
        numbers[f"key {i}"]
    return (time.monotonic_ns() - start) / count


def manager_set(count):
    numbers = Shared.dict()
    start = time.monotonic_ns()
    for i in range(count):
        numbers[f"key {i}"] = 1.5
    return (time.monotonic_ns() - start) / count


def in_list(count, work):
    """Runs work(elements, i) on a Manager's list of 10,000 numbers; ns per call."""
    elements = Shared.list()
    start = time.monotonic_ns()
    for i in range(count):
        work(elements, i)
    return (time.monotonic_ns() - start) / count


def list_ends(count):
    return in_list(count, lambda elements, i: (elements.append(1.5), elements.pop(0)))


def list_at(count):
    return in_list(count, lambda elements, i: elements[i])


def list_middle(count):
    return in_list(count, lambda elements, i: (elements.insert(5_000, 1.5), elements.pop(5_000)))


def queue(count):
    messages, ends = context.Queue(), context.SimpleQueue()

    def consume():
        for _ in range(count):
            messages.get()
        ends.put(time.monotonic_ns())

    consumer = context.Process(target=consume)
    consumer.start()
    start = time.monotonic_ns()
    for _ in range(count):
        messages.put("m" * 64)
    end = ends.get()
    consumer.join()
    return (end - start) / count


def identity(value):
    return value


class Executor:
    """One ProcessPoolExecutor of 2 workers, started at its first use."""

    made = None

    @classmethod
    def get(cls):
        if cls.made is None:
            cls.made = concurrent.futures.ProcessPoolExecutor(2, mp_context=context)
        return cls.made


def task_round_trips(count, value):
    executor = Executor.get()
    start = time.monotonic_ns()
    for _ in range(count):
        executor.submit(identity, value).result()
    return (time.monotonic_ns() - start) / count


def task_throughput(count):
    executor = Executor.get()
    start = time.monotonic_ns()
    for future in [executor.submit(identity, i) for i in range(count)]:
        future.result()
    return (time.monotonic_ns() - start) / count


COMMANDS = {
    "ready": lambda: 0,
    "lock": lambda count: uncontended(context.Lock(), count),
    "semaphore": lambda count: uncontended(context.Semaphore(1), count),
    "contended": contended,
    "ping_pong": ping_pong,
    "barrier": barrier,
    "condition": condition,
    "manager_get": manager_get,
    "manager_set": manager_set,
    "list_ends": list_ends,
    "list_at": list_at,
    "list_middle": list_middle,
    "queue": queue,
    "task_round_trip": lambda count: task_round_trips(count, 1),
    "task_throughput": task_throughput,
    "task_mebibyte": lambda count: task_round_trips(count, bytes(2**20)),
}

if __name__ == "__main__":
    for line in sys.stdin:
        name, *arguments = line.split()
        print(COMMANDS[name](*map(int, arguments)), flush=True)
