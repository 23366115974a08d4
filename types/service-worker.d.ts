/** Put before the file by the server. */
declare const VERSION: string;
declare const WAITING: string[];

// The library knows these only of `self` in a module.
interface WorkerGlobalScope {
  readonly clients: Clients;
  skipWaiting(): Promise<void>;
}
interface WorkerGlobalScopeEventMap {
  install: ExtendableEvent;
  activate: ExtendableEvent;
  fetch: FetchEvent;
}
