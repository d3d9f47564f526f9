//! What is a shell in a running task? A real kubelet opens it, in the one pod that was meant.

use crate::{
    people::{PATIENCE, Portal, person, wish},
    tasks::{is_in, on, plan},
};
use cluster::{Error, Shell};
use domain::{
    allowed::WhyNot,
    task::{TaskState, shell::Ended},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};

const STAYS: &str = "trap 'exit 0' TERM; while :; do sleep 0.2; done";

/// Types it; what is shown until this is.
async fn until(shell: &mut Shell, typed: &str, shown: &str) -> String {
    shell.input.write_all(typed.as_bytes()).await.unwrap();
    let mut all = Vec::new();
    let reading = async {
        let mut piece = [0; 1024];
        while !String::from_utf8_lossy(&all).contains(shown) {
            let read = shell.output.read(&mut piece).await.unwrap();
            assert!(read > 0, "it ended: {}", String::from_utf8_lossy(&all));
            all.extend_from_slice(&piece[..read]);
        }
    };
    timeout(PATIENCE, reading).await.expect("it is shown");
    String::from_utf8_lossy(&all).into_owned()
}

async fn to_its_end(mut shell: Shell) -> Ended {
    let rest = async {
        let mut piece = [0; 1024];
        while shell.output.read(&mut piece).await.unwrap() > 0 {}
        shell.ended().await
    };
    timeout(PATIENCE, rest).await.expect("it ends")
}

#[tokio::test]
async fn a_shell_is_a_terminal_in_the_pod_of_its_rank_for_its_owner_and_for_administrators() {
    let portal = Portal::start().await;
    let (alice, bob) = (portal.alice(), portal.bob());
    let data = alice.create_volume(&wish("data", "standard")).await.unwrap();
    let made = alice.submit(&on(plan("stays", &format!("echo of-alice > /data/out; {STAYS}")), "/data", &data)).await.unwrap();
    is_in(&alice, &made.id, TaskState::Running).await;
    assert!(portal.cluster.may_open_shells());
    assert!(matches!(bob.open_shell(&made.id, 0).await, Err(Error::NotFound)), "another's is as absent as none");
    assert!(matches!(alice.open_shell(&made.id, 1).await, Err(Error::NotAllowed(WhyNot::NotRunning))), "there is no rank 1");

    let mut shell = alice.open_shell(&made.id, 0).await.unwrap();
    shell.sizes.tell((101, 37)).await;
    let shown = until(&mut shell, "cat /data/out; tty; stty size; echo \"$TERM\"; echo $((40 + 2))-end\n", "42-end").await;
    for text in ["of-alice", "/dev/pts/", "37 101", "xterm-256color"] {
        assert!(shown.contains(text), "{text}: {shown}");
    }
    shell.input.write_all(b"exit 3\n").await.unwrap();
    assert_eq!(to_its_end(shell).await, Ended::Exited(3));

    let admin = portal.cluster.as_user(person("root", true)).admin().unwrap();
    let mut theirs = admin.open_shell(&made.id, 0).await.unwrap();
    until(&mut theirs, "cat /data/out\n", "of-alice").await;

    // What its pod takes with it.
    let pod = portal.namespace.path(&format!("pods/{}?gracePeriodSeconds=0", theirs.pod));
    portal.admin().delete(&pod).await.unwrap();
    assert_eq!(to_its_end(theirs).await, Ended::PodGone);
    alice.owned_task(&made.id).await.unwrap().stop(&made.uid).await.unwrap();
    is_in(&alice, &made.id, TaskState::Stopped).await;
    assert!(matches!(alice.open_shell(&made.id, 0).await, Err(Error::NotAllowed(WhyNot::NotRunning))));
    portal.end().await;
}
