// What the office's own tools read: the store itself, beside the running server. Must not know the app.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

import type { Office } from "./office.js";

type Cell = string | number | null;

/** Python's SQLite, because it is on every machine that builds this, and Node's own is not yet. */
const script = "import json,sqlite3,sys;print(json.dumps(sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchall()))";

export function rows(office: Office, query: string): Cell[][] {
  return JSON.parse(execFileSync("python3", ["-c", script, join(office.data, "office.db"), query], { encoding: "utf8" }));
}

/** Puts something there that would take a story weeks to come about. */
export function write(office: Office, statement: string): void {
  const script = "import sqlite3,sys;c=sqlite3.connect(sys.argv[1],timeout=20);c.execute(sys.argv[2]);c.commit()";
  execFileSync("python3", ["-c", script, join(office.data, "office.db"), statement]);
}

/** After a story wrote issues past the office: the entries of weekly lists say what has become of them, as the office keeps it. */
export function retellLists(office: Office): void {
  write(office, "UPDATE weekly_entries SET became = (SELECT state FROM issues i WHERE i.issue_id = weekly_entries.issue_id) WHERE list IN (SELECT number FROM weekly_lists WHERE told = 0)");
}

/** After a story wrote issues past the office: it compares all of them with its frozen months, as at the first start after an update. */
export async function compareMonths(office: Office): Promise<void> {
  write(office, "DELETE FROM office WHERE key = 'drifts'");
  await office.restart();
}

/** Writes, so that everybody else who would waits, until it is told to stop. */
export async function hold(office: Office): Promise<() => Promise<void>> {
  const script = "import sqlite3,sys;c=sqlite3.connect(sys.argv[1],timeout=20,isolation_level=None);c.execute('BEGIN IMMEDIATE');print(1,flush=True);sys.stdin.read();c.execute('ROLLBACK')";
  const writer = spawn("python3", ["-c", script, join(office.data, "office.db")]);
  await once(writer.stdout, "data");
  return async () => {
    writer.stdin.end();
    await once(writer, "exit");
  };
}

/** The first column of each row. */
export function column(office: Office, query: string): Cell[] {
  return rows(office, query).map(([cell]) => cell!);
}

/** The only value of the only row. */
export function value(office: Office, query: string): Cell {
  return column(office, query)[0] ?? null;
}
