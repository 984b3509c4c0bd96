import type { Client } from "../../api/client.ts";
import { EndpointSliceKind } from "../../model/kinds/endpoint-slice.ts";
import { ServiceKind } from "../../model/kinds/service.ts";
import { isEqual } from "../../value/equal.ts";
import type { World } from "../../world/world.ts";
import { follow } from "../follow.ts";
import type { DnsView } from "./dns-records.ts";
import { printResolvConf } from "./dns-records.ts";
import type { DnsServer } from "./dns-server.ts";
import { serveDns } from "./dns-server.ts";
import type { ServiceListener } from "./service-table.ts";
import { serviceListeners } from "./service-table.ts";
import { TcpForwarder } from "./tcp-forwarder.ts";
import { UdpForwarder } from "./udp-forwarder.ts";

/** Where the cluster's DNS answers, in the block of service addresses. */
export const dnsAddressDefault = "127.96.0.10";
const dnsPort = 53;
/** Addresses tried for it; the API hands out service addresses by chance from a million, so these are as good as free. */
const dnsAddressesTried = 8;
/** An address that could not be listened on is tried again after this. */
const listenRetryMs = 5_000;

export interface NetworkOptions {
  readonly client: Client;
  readonly world: World;
  /** Node ports listen here. */
  readonly nodeIP?: string;
  /** The node's name, for Services that keep traffic on it. */
  readonly nodeName?: string;
  readonly dnsAddress?: string;
  /** The machine's own name servers, for names outside the cluster. */
  readonly nameservers: readonly string[];
}

/** The node's services: forwarders and DNS. */
export interface Network {
  /** Where DNS answers; undefined when it could not be served at all. */
  readonly dns: { readonly address: string; readonly port: number } | undefined;
  /** A pod's resolv.conf; undefined where DNS has not got port 53, which resolvers cannot do without. */
  readonly resolvConf: ((namespace: string) => string) | undefined;
  close(): Promise<void>;
}

/** Serves every Service of the cluster on this machine, until closed. Resolves when the present ones are listened on. */
export async function startNetwork(options: NetworkOptions): Promise<Network> {
  const network = new ServiceNetwork(options);
  await network.start();
  return network;
}

class ServiceNetwork implements Network {
  readonly #options: NetworkOptions;
  readonly #stop = new AbortController();
  readonly #open = new Map<string, { readonly listener: ServiceListener; readonly forwarder: TcpForwarder | UdpForwarder }>();
  /** Keys of listeners that were refused before. */
  readonly #refused = new Set<string>();
  #dns: DnsServer | undefined;
  #isScheduled = false;
  #refresh: () => void = () => undefined;

  constructor(options: NetworkOptions) {
    this.#options = options;
  }

  get dns(): { readonly address: string; readonly port: number } | undefined {
    return this.#dns;
  }

  get resolvConf(): ((namespace: string) => string) | undefined {
    const dns = this.#dns;
    if (dns?.port !== dnsPort) return undefined;
    return (namespace) => printResolvConf({ namespace, server: dns.address, others: this.#options.nameservers });
  }

  async start(): Promise<void> {
    const { client, world, nodeIP = "127.0.0.1", nodeName } = this.#options;
    const node = { nodeIP, ...(nodeName === undefined ? {} : { nodeName }) };
    const onChange = () => { this.#schedule(); };
    const services = follow(ServiceKind, { client, world, onChange, signal: this.#stop.signal });
    const slices = follow(EndpointSliceKind, { client, world, onChange, signal: this.#stop.signal });
    this.#refresh = () => { this.#apply(serviceListeners([...services.objects.values()], [...slices.objects.values()], node)); };
    await Promise.all([services.synced, slices.synced]);
    this.#schedule();
    const view = () => ({ services: services.objects, slices: [...slices.objects.values()] });
    this.#dns = await this.#serveDns(view);
  }

  /** Port 53 of the first address nobody has yet, so that two daemons can share a machine; without the right to it, some other port. */
  async #serveDns(view: () => DnsView): Promise<DnsServer | undefined> {
    const { world, dnsAddress = dnsAddressDefault } = this.#options;
    const last = dnsAddress.lastIndexOf(".") + 1;
    const neighbours = Array.from({ length: dnsAddressesTried }, (_, i) => `${dnsAddress.slice(0, last)}${String(Number(dnsAddress.slice(last)) + i)}`);
    for (const { address, port } of [...neighbours.map((neighbour) => ({ address: neighbour, port: dnsPort })), { address: dnsAddress, port: 0 }]) {
      try {
        return await serveDns({ address, port, view, world });
      } catch (error) {
        world.log.info("the cluster's DNS cannot have this address", { error, object: `${address}:${String(port)}` });
      }
    }
    return undefined;
  }

  /** Many changes of one moment are taken together. */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      if (!this.#stop.signal.aborted) this.#refresh();
    });
  }

  #apply(wanted: readonly ServiceListener[]): void {
    const keys = new Set(wanted.map((listener) => listener.key));
    for (const [key, { forwarder }] of this.#open) {
      if (keys.has(key)) continue;
      forwarder.close();
      this.#open.delete(key);
      this.#refused.delete(key);
    }
    for (const listener of wanted) {
      const open = this.#open.get(listener.key);
      if (open === undefined) this.#listen(listener);
      else if (!isEqual(open.listener, listener)) {
        open.forwarder.update(listener);
        this.#open.set(listener.key, { listener, forwarder: open.forwarder });
      }
    }
  }

  #listen(listener: ServiceListener): void {
    const { world } = this.#options;
    const onFailure = (error: Error) => {
      // Said once: it is tried again and again, and a port below 1024 may never be had.
      const level = this.#refused.has(listener.key) ? "debug" : "warn";
      this.#refused.add(listener.key);
      world.log[level]("a service's address cannot be listened on; another program may listen on this port of all addresses, or the daemon may not listen below 1024", { error, object: listener.service, address: listener.key });
      world.clock.after(listenRetryMs, () => {
        if (this.#stop.signal.aborted || this.#open.get(listener.key)?.forwarder !== forwarder) return;
        this.#open.delete(listener.key);
        this.#schedule();
      });
    };
    const forwarder = listener.protocol === "TCP" ? new TcpForwarder(listener, { world, onFailure }) : new UdpForwarder(listener, { world, onFailure });
    this.#open.set(listener.key, { listener, forwarder });
  }

  close(): Promise<void> {
    this.#stop.abort(new Error("the node's network stops"));
    for (const { forwarder } of this.#open.values()) forwarder.close();
    this.#open.clear();
    this.#dns?.close();
    return Promise.resolve();
  }
}
