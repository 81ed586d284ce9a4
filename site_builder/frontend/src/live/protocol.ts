// The messages of a kernel, as far as a page needs them. Knows neither where they come from nor how they are shown.

export interface Message {
  readonly channel: "shell" | "control" | "iopub" | "stdin";
  readonly header: { readonly msg_id: string; readonly msg_type: string };
  readonly parent_header: { readonly msg_id?: string; readonly msg_type?: string };
  readonly content: Record<string, unknown>;
}

/** Return a request as the kernel wants it: its id, and its text. */
export function request(channel: "shell" | "control", type: string, content: object): { id: string; text: string } {
  const id = crypto.randomUUID();
  const header = { msg_id: id, msg_type: type, username: "", session: SESSION, date: new Date().toISOString(), version: "5.4" };
  return { id, text: JSON.stringify({ channel, header, parent_header: {}, metadata: {}, content, buffers: [] }) };
}

const SESSION = crypto.randomUUID();
