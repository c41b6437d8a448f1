//! Which provider is asked: the tenant's choice, and another one only where the tenant allows it.

use pm33_app::AiProvider;
use pm33_billing::Ledger;
use pm33_tenancy::{ProviderChoice, Switch, TenantSettings};
use serde_json::{Value, json};

use crate::{
    asking::{Scene, probe},
    counting_peer::{CountingPeer, TEXT},
    house::House,
    model_peer::ModelPeer,
};

/// What each answer of the second provider uses: five tokens of input, three of output.
const SECOND: &str = "used-5-0-0-0-0-3-0";

/// A deployment whose first provider is one peer and whose second is another.
async fn scene(second: &CountingPeer) -> Scene {
    let house = House::new();
    let peer = ModelPeer::start("The first").await;
    let file = |name: &str, text: &str| {
        let path = house.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let row = |(provider, model)| {
        format!(
            "[[price]]\nprovider = \"{provider}\"\nmodel = \"{model}\"\neffective = \"2026-01-01\"\ninput = \"1\"\noutput = \"2\"\n\
             source = \"test\"\nnoted = \"2026-01-01\"\n"
        )
    };
    let prices = [("anthropic", "claude-opus-5-5"), ("compatible", SECOND)].map(row).concat();
    let (prices, secret) = (file("prices.toml", &prices), file("key", "sk-test"));
    let catalogue = pm33_app::catalogue().unwrap().with_tool(probe());
    let process = house
        .process_of(
            |settings| {
                settings.ai.providers = vec![AiProvider::Anthropic, AiProvider::Compatible];
                settings.ai.anthropic_url.clone_from(&peer.url);
                "opus".clone_into(&mut settings.ai.anthropic_model);
                settings.ai.anthropic_key_file = Some(secret.clone());
                settings.ai.compatible_url = Some(format!("{}/v1", second.url));
                settings.ai.compatible_model = Some(SECOND.to_owned());
                settings.ai.compatible_key_file = Some(secret);
                settings.ai.prices_file = Some(prices);
            },
            catalogue,
        )
        .await;
    let home = process.settle("acme").await;
    let key = process.key(&home).await;
    let scene = Scene { house, peer, process, home, key };
    scene.grant(1_000_000).await;
    scene
}

fn allowing(fallback: Switch) -> TenantSettings {
    TenantSettings { ai_fallback: Some(fallback), ..TenantSettings::default() }
}

/// Providers that something was recorded as sent to, once for each time; calls of one moment have no order.
async fn recorded(scene: &Scene) -> Vec<String> {
    let session = scene.process.store().session(scene.home.tenant);
    let page = Ledger::disclosures(&session, scene.home.tenant, None, 100).await.unwrap();
    let mut all: Vec<_> = page.disclosures.into_iter().map(|one| one.provider).collect();
    all.sort();
    all
}

#[tokio::test]
async fn another_provider_is_asked_only_where_the_tenant_allows_it() {
    let second = CountingPeer::start().await;
    let scene = scene(&second).await;
    scene.peer.fail(503);
    // Unless it says so, a tenant's data go to nobody else.
    for settings in [TenantSettings::default(), allowing(Switch::Off)] {
        scene.set(settings).await;
        scene.ask(json!({})).await.refusal();
    }
    assert_eq!((second.asked(), scene.sums().await), (0, [1_000_000, 0, 0, 0]));
    assert_eq!(recorded(&scene).await, ["anthropic", "anthropic"]);

    scene.set(allowing(Switch::On)).await;
    let answer = scene.ask(json!({})).await;
    assert_eq!(answer.result()["answer"], TEXT);
    // Whoever answered is paid, by his own price; what was sent to either is recorded.
    let told: &Value = &answer.json()["result"]["_meta"]["dev.pm33/credits"];
    assert_eq!((&told["charged"], &told["provider"]), (&json!("0.000011"), &json!("compatible")), "{told}");
    assert_eq!((second.asked(), scene.sums().await), (1, [1_000_000 - 11, 0, 11, 0]));
    assert_eq!(recorded(&scene).await, ["anthropic", "anthropic", "anthropic", "compatible"]);
}

#[tokio::test]
async fn a_tenants_own_provider_is_the_one_that_is_asked() {
    let second = CountingPeer::start().await;
    let scene = scene(&second).await;
    assert_eq!(scene.ask(json!({})).await.result()["answer"], "The first");
    let own = TenantSettings { ai_provider: Some(ProviderChoice::Compatible), ..TenantSettings::default() };
    scene.set(own).await;
    assert_eq!(scene.ask(json!({})).await.result()["answer"], TEXT);
    assert_eq!((scene.peer.bodies().len(), second.asked()), (1, 1));
    // One that this server does not have is replaced by nobody.
    let absent = TenantSettings { ai_provider: Some(ProviderChoice::Openai), ..allowing(Switch::On) };
    scene.set(absent).await;
    let told = scene.ask(json!({})).await.result();
    assert!(told["answer"].as_str().unwrap().contains("does not have"), "{told}");
    assert_eq!((scene.peer.bodies().len(), second.asked()), (1, 1));
}
