import { bitbucketServerWebhook } from "./webhooks/bitbucket-server.ts";
import { bitbucketWebhook } from "./webhooks/bitbucket.ts";
import { giteaWebhook } from "./webhooks/gitea.ts";
import { githubWebhook } from "./webhooks/github.ts";
import { gitlabWebhook } from "./webhooks/gitlab.ts";
import type { WebhookHeaders, WebhookProvider } from "./webhook.ts";

/** Every provider, the one with the more telling headers first. Adding one = a file in `webhooks/`, a line here. */
export const webhookProviders: readonly WebhookProvider[] = [
  giteaWebhook,
  githubWebhook,
  gitlabWebhook,
  bitbucketWebhook,
  bitbucketServerWebhook,
];

/** The provider a request comes from, or undefined. */
export function findWebhookProvider(headers: WebhookHeaders): WebhookProvider | undefined {
  return webhookProviders.find((provider) => provider.recognises(headers));
}
