//! Which words can be completed in a task file? The fields of its table, and the names of what this person may use.

use domain::{
    secret::Secret,
    storage_class::StorageClass,
    task::{
        Limits,
        file::table::{Field, REQUESTS, RESOURCES, SCRATCH, TASK, Takes, VOLUME},
    },
    volume::Volume,
};
use serde_json::{Value, json};

/// All of them as JSON, for the editor: nothing is asked for while somebody types.
pub fn words(own: &[Volume], secrets: &[Secret], classes: &[StorageClass], limits: &Limits) -> String {
    let fields = |fields: &[Field]| fields.iter().map(field).collect::<Value>();
    let volumes: Value = own.iter().map(|volume| json!({ "name": volume.name, "detail": volume.size().to_string() })).collect();
    let classes: Value = classes.iter().map(|class| json!({ "name": class.name.as_str(), "detail": class.title() })).collect();
    let keys = secrets.iter().flat_map(|secret| secret.keys.iter().map(move |key| format!("{}/{key}", secret.name)));
    let secrets: Value = keys.map(|name| json!({ "name": name })).collect();
    let images: Value = images(limits).iter().map(|image| json!({ "name": image })).collect();
    json!({
        "task": fields(&TASK), "resources": fields(&RESOURCES), "requests": fields(&REQUESTS), "volume": fields(&VOLUME), "scratch": fields(&SCRATCH),
        "volumes": volumes, "secrets": secrets, "classes": classes, "images": images,
    })
    .to_string()
}

/// The default image, then those that may be run, or how they begin.
pub fn images(limits: &Limits) -> Vec<String> {
    let mut images: Vec<String> = limits.image.iter().map(ToString::to_string).collect();
    images.extend(limits.images.iter().filter(|image| !images.contains(image)).cloned().collect::<Vec<_>>());
    images
}

fn field(field: &Field) -> Value {
    let takes = match field.takes {
        Takes::Volume => "volume",
        Takes::Class => "class",
        Takes::Image => "image",
        Takes::TaskName
        | Takes::Whole(..)
        | Takes::Cores
        | Takes::Size
        | Takes::Gpus
        | Takes::Product
        | Takes::Time
        | Takes::Flag
        | Takes::Folder
        | Takes::Script(_)
        | Takes::Access
        | Takes::OneOf(_)
        | Takes::Variables
        | Takes::Secrets
        | Takes::Fields(_)
        | Takes::Volumes
        | Takes::Scratch => "text",
    };
    let opens = matches!(field.takes, Takes::Fields(_) | Takes::Volumes | Takes::Scratch | Takes::Variables | Takes::Secrets);
    json!({ "name": field.name, "what": field.what, "words": field.takes.words(), "takes": takes, "opens": opens })
}
