//! Is an owner key always one that Kubernetes and we ourselves take as such, and another one for another person?
#![no_main]

use domain::owner::{OwnerKey, Principal};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|people: [(&str, &str); 2]| {
    let _ = OwnerKey::try_from(people[0].0.to_owned());
    let [Ok(one), Ok(other)] = people.map(|(issuer, subject)| Principal::new(issuer, subject)) else { return };
    let keys = [&one, &other].map(OwnerKey::of);
    assert_eq!(one == other, keys[0] == keys[1], "{one:?} {other:?}");
    assert_eq!(OwnerKey::try_from(keys[0].as_str().to_owned()).as_ref(), Ok(&keys[0]));
    assert!(keys[0].as_str().len() <= 63);
});
