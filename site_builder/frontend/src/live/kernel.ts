// One page's kernel: started at the first run, spoken to through this server alone. Knows nothing of cells and editors.
import { request, type Message } from "./protocol";

/** `none`: not started yet; `died`: its process ended and was started afresh; `gone`: ended; `lost`: nobody answers. */
export type State = "none" | "starting" | "idle" | "busy" | "died" | "restarted" | "gone" | "lost" | "refused" | "crowded";

/** How a run ended. `aborted`: a run before it failed; `ended`: the kernel or the server was no more. */
export type End = "ok" | "error" | "aborted" | "ended";

interface Run {
  readonly hear: (message: Message) => void;
  readonly resolve: (reply: Message | null) => void;
  reply: Message | null;
  idle: boolean;
}

const KERNELS = "/_live/kernels";
const KEPT = `wikitorch-kernel:${location.pathname}`; // a reload of this tab goes on with its kernel; another tab has its own

class Unavailable extends Error {
  constructor(readonly state: State) {
    super(state);
  }
}

export class Kernel {
  state: State = "none";
  private id = sessionStorage.getItem(KEPT);
  private socket: Promise<WebSocket> | null = null;
  private present: WebSocket | null = null;
  private readonly runs = new Map<string, Run>();

  constructor(private readonly changed: (state: State) => void) {
    sessionStorage.removeItem(KEPT); // a copy of this tab must not find it
    addEventListener("pagehide", () => this.id && sessionStorage.setItem(KEPT, this.id));
  }

  /** Run code; `hear` gets its outputs as they come. */
  async run(code: string, hear: (message: Message) => void): Promise<End> {
    const content = { code, silent: false, store_history: true, user_expressions: {}, allow_stdin: false, stop_on_error: true };
    const reply = await this.ask("shell", "execute_request", content, hear);
    return (reply?.content["status"] as End | undefined) ?? "ended";
  }

  /** Return what could stand at a place of some code; nothing before the first run. */
  async complete(code: string, cursor_pos: number): Promise<Record<string, unknown> | null> {
    if (this.state === "none" || this.runs.size > 0) return null;
    return (await this.ask("shell", "complete_request", { code, cursor_pos }))?.content ?? null;
  }

  async interrupt(): Promise<void> {
    if (this.id) await this.fetch("POST", `/${this.id}/interrupt`).catch(() => this.set("lost"));
  }

  /** Start the kernel afresh, or a new one where it is gone. */
  async restart(): Promise<void> {
    this.disconnect();
    this.set("starting");
    try {
      if (this.id) await this.fetch("POST", `/${this.id}/restart`);
      await this.connected();
      this.set("restarted");
    } catch (error) {
      this.fail(error);
    }
  }

  /** Look for the server again. */
  async reconnect(): Promise<void> {
    this.disconnect();
    await this.connected().catch((error: unknown) => this.fail(error));
  }

  private async ask(channel: "shell" | "control", type: string, content: object, hear: Run["hear"] = () => {}): Promise<Message | null> {
    const { id, text } = request(channel, type, content);
    try {
      const socket = await this.connected();
      return await new Promise((resolve) => {
        this.runs.set(id, { hear, resolve, reply: null, idle: false });
        socket.send(text);
      });
    } catch (error) {
      this.fail(error);
      return null;
    }
  }

  private connected(): Promise<WebSocket> {
    this.socket ??= this.connect();
    return this.socket;
  }

  private async connect(): Promise<WebSocket> {
    this.set("starting");
    const before = this.id;
    const kept = before && (await this.fetch("GET", `/${before}`));
    const model = kept || (await this.fetch("POST", ""));
    if (!model) throw new Unavailable("lost");
    this.id = model.id;
    const socket = new WebSocket(`ws://${location.host}${KERNELS}/${model.id}/channels`);
    this.present = socket;
    socket.onmessage = (event) => this.present === socket && this.receive(JSON.parse(event.data as string) as Message);
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onclose = () => reject(new Unavailable("lost"));
    });
    socket.onclose = (event) => this.present === socket && this.fail(new Unavailable(event.code >= 4000 ? "gone" : "lost"));
    if (model.execution_state === "busy") this.set("busy");
    else await this.greet(socket);
    if (before && !kept) this.set("restarted");
    return socket;
  }

  private async greet(socket: WebSocket): Promise<void> {
    const { id, text } = request("shell", "kernel_info_request", {});
    socket.send(text);
    const reply = await new Promise((resolve) => this.runs.set(id, { hear: () => {}, resolve, reply: null, idle: false }));
    if (!reply) throw new Unavailable("lost");
    this.set("idle");
  }

  private async fetch(method: string, path: string): Promise<{ id: string; execution_state?: string } | null> {
    const answer = await fetch(KERNELS + path, { method });
    if (answer.status === 404) return null;
    if (answer.status === 403) throw new Unavailable("refused");
    if (answer.status === 429) throw new Unavailable("crowded");
    if (!answer.ok) throw new Unavailable("lost");
    return answer.status === 204 ? null : answer.json();
  }

  private receive(message: Message): void {
    const type = message.header.msg_type;
    if (type === "status") this.hearStatus(message);
    const run = this.runs.get(message.parent_header.msg_id ?? "");
    if (!run) return;
    if (message.channel === "shell") run.reply = message;
    else if (type === "status") run.idle ||= message.content["execution_state"] === "idle";
    else run.hear(message);
    if (run.reply && run.idle) this.finish(message.parent_header.msg_id ?? "", run.reply);
  }

  private hearStatus(message: Message): void {
    const state = message.content["execution_state"];
    if (state === "restarting" || state === "dead") this.died();
    else if (message.parent_header.msg_type === "execute_request") this.set(state === "busy" ? "busy" : "idle");
  }

  private died(): void {
    this.disconnect();
    void this.connected().then(() => this.set("died"), (error: unknown) => this.fail(error));
  }

  private disconnect(): void {
    this.present?.close();
    this.socket = this.present = null;
    for (const id of [...this.runs.keys()]) this.finish(id, null);
  }

  private finish(id: string, reply: Message | null): void {
    const run = this.runs.get(id);
    this.runs.delete(id);
    run?.resolve(reply);
  }

  private fail(error: unknown): void {
    this.disconnect();
    this.set(error instanceof Unavailable ? error.state : "lost");
  }

  private set(state: State): void {
    this.state = state;
    this.changed(state);
  }
}
