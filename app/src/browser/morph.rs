//! How does new markup take the place of old? Node by node where they differ, so that focus, selection, open menus and the row
//! under the pointer stay what they are.

use js_sys::JsString;
use std::collections::{HashMap, HashSet};
use wasm_bindgen::JsCast;
use web_sys::{Element, Node, NodeList};

/// Attributes that are a person's own doing: what they opened or closed stays so, whatever the markup says.
const OWN: [&str; 1] = ["open"];

/// Makes `old` look as `new`. Children with an `id` are known by it wherever they stand; what is marked `data-keep` is left
/// alone, and so is a list marked `data-held`, but for the rows that it has. What stands in a control, is chosen or ticked is not
/// an attribute and stays, too: that a turned page resets its own is [`turn`](super::turn)'s.
pub fn morph(old: &Element, new: &Element) {
    if old.has_attribute("data-keep") || old.is_equal_node(Some(new)) {
        return;
    }
    attributes(old, new);
    // Ages run by themselves.
    if old.has_attribute("data-since") && old.get_attribute("data-since") == new.get_attribute("data-since") {
        return;
    }
    if old.has_attribute("data-held") { known_children(old, new) } else { children(old, new) }
}

fn attributes(old: &Element, new: &Element) {
    for name in names(old) {
        if !new.has_attribute(&name) && !OWN.contains(&name.as_str()) && name != "data-held" {
            let _ = old.remove_attribute(&name);
        }
    }
    for name in names(new).into_iter().filter(|name| !OWN.contains(&name.as_str())) {
        let value = new.get_attribute(&name);
        if let Some(value) = value.filter(|value| old.get_attribute(&name).as_ref() != Some(value)) {
            let _ = old.set_attribute(&name, &value);
        }
    }
}

fn names(element: &Element) -> Vec<String> {
    element.get_attribute_names().iter().filter_map(|name| name.dyn_into::<JsString>().ok()).map(String::from).collect()
}

fn key(node: &Node) -> Option<String> {
    // Not the property: a field of the name `id` hides that of its form.
    node.dyn_ref::<Element>()?.get_attribute("id")
}

fn nodes(list: &NodeList) -> Vec<Node> {
    (0..list.length()).filter_map(|index| list.item(index)).collect()
}

fn children(old: &Element, new: &Element) {
    let news = nodes(&new.child_nodes());
    let keys: HashSet<String> = news.iter().filter_map(key).collect();
    let mut known = HashMap::new();
    for child in nodes(&old.child_nodes()) {
        match key(&child) {
            Some(key) if keys.contains(&key) => drop(known.insert(key, child)),
            Some(_) => drop(old.remove_child(&child)),
            None => {}
        }
    }
    let mut place = old.first_child();
    for news in news {
        let found = match key(&news) {
            Some(key) => known.remove(&key),
            None => place.clone().filter(|node| key(node).is_none() && fits(node, &news)),
        };
        match found.filter(|node| fits(node, &news)) {
            Some(node) => {
                if place.as_ref() == Some(&node) {
                    place = node.next_sibling();
                } else {
                    let _ = old.insert_before(&node, place.as_ref());
                }
                update(&node, &news);
            }
            None => {
                if let Some(copy) = old.owner_document().and_then(|document| document.import_node_with_deep(&news, true).ok()) {
                    let _ = old.insert_before(&copy, place.as_ref());
                }
            }
        }
    }
    while let Some(node) = place {
        place = node.next_sibling();
        let _ = old.remove_child(&node);
    }
}

/// Only the children that both have, where they are.
fn known_children(old: &Element, new: &Element) {
    let news: HashMap<String, Node> = nodes(&new.child_nodes()).into_iter().filter_map(|node| Some((key(&node)?, node))).collect();
    for child in nodes(&old.child_nodes()) {
        if let Some(news) = key(&child).and_then(|key| news.get(&key)) {
            update(&child, news);
        }
    }
}

fn fits(old: &Node, new: &Node) -> bool {
    old.node_name() == new.node_name()
}

fn update(old: &Node, new: &Node) {
    match (old.dyn_ref::<Element>(), new.dyn_ref::<Element>()) {
        (Some(old), Some(new)) => morph(old, new),
        _ => {
            if old.node_value() != new.node_value() {
                old.set_node_value(new.node_value().as_deref());
            }
        }
    }
}
