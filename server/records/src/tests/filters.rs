//! What do the records promise about saved filters?

use super::fresh;
use domain::{
    filter::{MOST_SAVED, SavedFilter},
    owner::{OwnerKey, Principal},
};

fn key(subject: &str) -> OwnerKey {
    OwnerKey::of(&Principal::new("https://i", subject).unwrap())
}

fn filter(name: &str, q: &str) -> SavedFilter {
    SavedFilter { name: name.into(), q: q.into() }
}

#[tokio::test]
async fn a_filter_is_its_persons_alone_and_the_last_of_a_name_stays() {
    let filters = fresh().await.filters();
    for (who, name, q) in [("a", "prod", "label:stage=prod"), ("a", "Old", "age>1y"), ("a", "prod", "label:stage=live"), ("b", "prod", "x")]
    {
        assert!(filters.save(&key(who), &filter(name, q)).await.unwrap());
    }
    assert_eq!(filters.of(&key("a")).await.unwrap(), [filter("Old", "age>1y"), filter("prod", "label:stage=live")]);
    filters.forget(&key("b"), "Old").await.unwrap();
    filters.forget(&key("a"), "prod").await.unwrap();
    assert_eq!(filters.of(&key("a")).await.unwrap(), [filter("Old", "age>1y")]);
    assert_eq!(filters.of(&key("b")).await.unwrap(), [filter("prod", "x")]);
}

#[tokio::test]
async fn nobody_keeps_more_than_twenty_filters_and_one_that_is_there_can_still_be_changed() {
    let filters = fresh().await.filters();
    let owner = key("a");
    for n in 0..MOST_SAVED + 5 {
        assert_eq!(filters.save(&owner, &filter(&format!("f{n}"), "x")).await.unwrap(), n < MOST_SAVED, "{n}");
    }
    let kept = filters.of(&owner).await.unwrap();
    assert_eq!(kept.len(), MOST_SAVED);
    assert!(filters.save(&owner, &filter(&kept[0].name, "y")).await.unwrap());
    assert!(filters.save(&key("b"), &filter("f", "x")).await.unwrap(), "each person has their own");
}
