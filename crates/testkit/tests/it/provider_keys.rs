//! A tenant's own key of a provider is what its calls go with, and nobody else's.

use pm33_app::act;
use pm33_tenancy::{ProviderChoice, ProviderKey, ProviderKeys};
use secrecy::SecretString;
use serde_json::json;

use crate::asking::{Scene, scene};

impl Scene {
    async fn keep(&self, key: ProviderKey) {
        let (tenant, now) = (self.home.tenant, self.process.foundation.clock.now());
        let session = self.process.store().operator();
        session.put_provider_key(tenant, &key).await.unwrap();
        session.commit(act(tenant, "admin/provider_key.set", None, now)).await.unwrap();
    }

    fn sealed(&self, key: &str) -> ProviderKey {
        let vault = self.process.foundation.secrets.vault().unwrap();
        let (provider, since) = (ProviderChoice::Anthropic, self.process.foundation.clock.now());
        let sealed = vault.seal_provider_key(self.home.tenant, provider, &SecretString::from(key)).unwrap();
        ProviderKey { provider, sealed, since }
    }
}

#[tokio::test]
async fn a_tenants_calls_go_with_its_own_key_and_nobody_elses_do() {
    let scene = scene("Hello", 1_000_000).await;
    scene.ask(json!({})).await.result();
    scene.keep(scene.sealed("sk-own")).await;
    scene.ask(json!({})).await.result();
    assert_eq!(scene.peer.keys(), ["sk-test", "sk-own"]);
    // Another provider's key is not this one's.
    scene.keep(ProviderKey { provider: ProviderChoice::Openai, ..scene.sealed("sk-openai") }).await;
    scene.ask(json!({})).await.result();
    assert_eq!(scene.peer.keys().last().unwrap(), "sk-own");
    let session = scene.process.store().operator();
    assert!(session.remove_provider_key(scene.home.tenant, ProviderChoice::Anthropic).await.unwrap());
    let now = scene.process.foundation.clock.now();
    session.commit(act(scene.home.tenant, "admin/provider_key.remove", None, now)).await.unwrap();
    scene.ask(json!({})).await.result();
    assert_eq!(scene.peer.keys().last().unwrap(), "sk-test");
}

#[tokio::test]
async fn a_key_that_does_not_open_sends_nothing_with_anothers() {
    let scene = scene("Hello", 1_000_000).await;
    let mut broken = scene.sealed("sk-own");
    broken.sealed[20] ^= 1;
    scene.keep(broken).await;
    let told = scene.ask(json!({})).await.result();
    assert!(told["answer"].as_str().unwrap().contains("own key of anthropic"), "{told}");
    assert_eq!(scene.peer.keys().len(), 0);
}
