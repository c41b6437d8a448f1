//! What a user may do in a workspace holds for each of their keys.

use pm33_app::act;
use pm33_tenancy::{Administration, Clock, Membership, Role, WorkspaceId};
use serde_json::json;

use crate::house::House;

#[tokio::test]
async fn a_viewer_of_one_workspace_writes_only_in_the_other() {
    let house = House::new();
    let process = house.process().await;
    let home = process.settle("acme").await;
    let now = house.clock.now();
    let side = WorkspaceId::new(now);
    let session = process.store().session(home.tenant);
    session.create_workspace(&home.workspace(side, "side", "SIDE", now)).await.unwrap();
    for (workspace, role) in [(home.workspace, Role::Member), (side, Role::Viewer)] {
        session.put_membership(home.tenant, &Membership { user: home.user, workspace, role }).await.unwrap();
    }
    session.commit(act(home.tenant, "admin/user.member", None, now)).await.unwrap();
    let key = process.key(&home).await;
    let create = async |workspace: &str| {
        let arguments = json!({ "workspace": workspace, "type": "task", "title": "Sweep the yard" });
        process.tool(&key, "pm33_create_work_item", arguments).await
    };
    assert_eq!(create("main").await.result()["action"], "created");
    let words = create("side").await.refusal();
    assert!(words.contains("side") && words.contains("backlog:write"), "{words}");
    for workspace in ["main", "side"] {
        let read = process.tool(&key, "pm33_query_backlog", json!({ "workspace": workspace })).await;
        assert_eq!(read.result()["workspace"], workspace);
    }
    // A new role holds within a second.
    let session = process.store().session(home.tenant);
    let place = Membership { user: home.user, workspace: side, role: Role::Member };
    session.put_membership(home.tenant, &place).await.unwrap();
    session.commit(act(home.tenant, "admin/user.member", None, now)).await.unwrap();
    process.look().await;
    assert_eq!(create("side").await.result()["action"], "created");
}
