//! What becomes of tasks that end together, through pages that need no scripts?

use crate::tasks::Stage;
use crate::visitor::Visitor;
use anyhow::Result;
use domain::task::{Task, TaskState};
use reqwest::StatusCode;

fn chosen(tasks: &[&Task]) -> String {
    tasks.iter().map(|task| format!("{}:{}", task.id, task.uid)).collect::<Vec<_>>().join(",")
}

fn ids(tasks: &[&Task]) -> String {
    tasks.iter().map(|task| format!("id={}", task.id)).collect::<Vec<_>>().join("&")
}

#[tokio::test]
async fn tasks_are_stopped_and_deleted_together_after_one_review_and_each_is_on_record() -> Result<()> {
    let stage = Stage::new().await?;
    let mut alice = Visitor::signed_in(&stage.portal, "alice").await?;
    let mut running = Vec::new();
    for name in ["sweep-a", "sweep-b"] {
        let task = stage.submit_with(name, "sleep 300", Vec::new(), 600).await?;
        running.push(stage.until(&task, |task| task.state == TaskState::Running).await?);
    }
    let over = stage.submit_with("over", "true", Vec::new(), 600).await?;
    let over = stage.until(&over, |task| task.state == TaskState::Succeeded).await?;
    let list = stage.read(&mut alice, "/tasks").await?;
    for text in ["formaction=\"/tasks/stop\"", "formaction=\"/tasks/delete\"", "aria-label=\"Choose sweep-a\"", "action=\"/tasks/stop\""] {
        assert!(list.contains(text), "{text}: {list}");
    }
    let all = [&running[0], &running[1], &over];
    let review = stage.read(&mut alice, &format!("/tasks/stop?{}&id=zzzzzzzz", ids(&all))).await?;
    for text in ["Stop 2 tasks?", "Left out", "It is over already", "1 task that you chose: not there any more", "half a minute"] {
        assert!(review.contains(text), "{text}: {review}");
    }
    for task in &running {
        assert!(review.contains(&chosen(&[task])), "{review}");
    }
    // By a filter, also over several pages; an empty choice is nothing.
    let by_filter = stage.read(&mut alice, "/tasks/stop?all=yes&q=sweep-a").await?;
    assert!(by_filter.contains("Stop 1 task?") && !by_filter.contains("sweep-b"), "{by_filter}");
    assert!(stage.read(&mut alice, "/tasks/stop").await?.contains("No task can be stopped"));

    let stop = stage.portal.at("/tasks/stop");
    for (wrong, status) in [("", 422), ("nonsense", 422), ("*:*", 422)] {
        assert_eq!(alice.post(&stop, &[("chosen", wrong)]).await?.status.as_u16(), status, "{wrong}");
    }
    let done =
        alice.post(&stop, &[("chosen", &format!("{},zzzzzzzz:u,{}:{}", chosen(&[&running[0], &running[1]]), over.id, over.uid))]).await?;
    assert_eq!(done.status, StatusCode::OK);
    for text in ["2 of 4 tasks stopped", "It was asked to stop", "It is over already", "Nothing is at this address, or it is not yours"] {
        assert!(done.text.contains(text), "{text}: {}", done.text);
    }
    for task in &running {
        stage.until(task, |task| task.state == TaskState::Stopped).await?;
    }
    // What is over goes together; what another person has does not.
    let mut bob = Visitor::signed_in(&stage.portal, "bob").await?;
    for page in ["/tasks/stop", "/tasks/delete"] {
        let review = stage.read(&mut bob, &format!("{page}?{}", ids(&all))).await?;
        assert!(review.contains("3 tasks that you chose: not there any more, or not yours") && !review.contains("sweep-a"), "{review}");
    }
    let theirs = bob.post(&stage.portal.at("/tasks/delete"), &[("chosen", &chosen(&all))]).await?;
    assert!(theirs.text.contains("0 of 3 tasks deleted") && !theirs.text.contains("sweep-a"), "{}", theirs.text);
    for page in ["/admin/tasks/stop", "/admin/tasks/delete"] {
        assert_eq!(bob.post(&stage.portal.at(page), &[("chosen", &chosen(&all))]).await?.status, StatusCode::FORBIDDEN, "{page}");
    }
    assert!(stage.read(&mut alice, &format!("/tasks/delete?{}", ids(&all))).await?.contains("Delete 3 tasks?"));
    let stale = alice.post(&stage.portal.at("/tasks/delete"), &[("chosen", &format!("{}:another", over.id))]).await?;
    assert!(stale.text.contains("has changed since you opened the page"), "{}", stale.text);
    let done = alice.post(&stage.portal.at("/tasks/delete"), &[("chosen", &chosen(&all))]).await?;
    assert!(done.text.contains("Deletion of 3 tasks was asked for"), "{}", done.text);
    assert!(stage.read(&mut alice, "/tasks").await?.contains("No tasks yet"));
    let mut admin = Visitor::signed_in(&stage.portal, "admin").await?;
    let trail = stage.read(&mut admin, "/admin/audit").await?;
    for text in ["sweep-a", "sweep-b", "Stop task", "Delete task", "and 2 more", "forbidden", "not_found"] {
        assert!(trail.contains(text), "{text}: {trail}");
    }
    Ok(())
}

#[tokio::test]
async fn administrators_end_anybodys_tasks_together_and_the_trail_names_whose_they_were() -> Result<()> {
    let stage = Stage::new().await?;
    let mut admin = Visitor::signed_in(&stage.portal, "admin").await?;
    let task = stage.submit_with("hers", "sleep 300", Vec::new(), 600).await?;
    let task = stage.until(&task, |task| task.state == TaskState::Running).await?;
    let review = stage.read(&mut admin, &format!("/admin/tasks/stop?{}", ids(&[&task]))).await?;
    assert!(review.contains("Stop 1 task?") && review.contains("alice"), "{review}");
    let own = stage.read(&mut admin, &format!("/tasks/stop?{}", ids(&[&task]))).await?;
    assert!(own.contains("not there any more, or not yours"), "among their own it is not: {own}");
    let early = admin.post(&stage.portal.at("/admin/tasks/delete"), &[("chosen", &chosen(&[&task]))]).await?;
    assert!(early.text.contains("It is not over. Stop it first"), "{}", early.text);
    let done = admin.post(&stage.portal.at("/admin/tasks/stop"), &[("chosen", &chosen(&[&task]))]).await?;
    assert!(done.text.contains("1 task was asked to stop"), "{}", done.text);
    stage.until(&task, |task| task.state == TaskState::Stopped).await?;
    let trail = stage.read(&mut admin, "/admin/audit?person=alice").await?;
    assert!(trail.contains("Stop task") && trail.contains("alice"), "{trail}");
    Ok(())
}
