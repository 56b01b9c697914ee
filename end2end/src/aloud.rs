//! A page as a screen reader has it: the browser's own accessibility tree, in the order in which it is read.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use anyhow::{Context, ensure};
use playwright_rs::protocol::CDPSession;
use serde::Deserialize;
use serde_json::Value;

/// One thing that is read: the browser says what it is and what it is called.
#[derive(Clone, Debug)]
pub struct Thing {
    pub role: String,
    pub name: String,
    /// What is said after the name.
    pub description: String,
    /// What is true of it, such as `checked`.
    on: Vec<String>,
    level: Option<i64>,
    leads_to: Option<String>,
    /// Which element it is, as long as that stands on the page.
    element: Option<i64>,
    /// What is in it comes after it and before this one.
    end: usize,
}

impl Thing {
    pub fn is(&self, role: &str, name: &str) -> bool {
        self.role == role && self.name == name
    }

    pub fn is_on(&self, property: &str) -> bool {
        self.on.iter().any(|on| on == property)
    }

    /// The address behind a link.
    pub fn leads_to(&self) -> &str {
        self.leads_to.as_deref().unwrap_or_default()
    }
}

impl fmt::Display for Thing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} “{}”", self.role, self.name)
    }
}

/// All of a page as it is at one moment.
pub struct Aloud {
    things: Vec<Thing>,
}

impl Aloud {
    /// # Errors
    /// When the browser does not say.
    pub async fn of(session: &CDPSession) -> anyhow::Result<Self> {
        let mut answer = session.send("Accessibility.getFullAXTree", None).await?;
        let nodes =
            answer.pointer_mut("/result/nodes").map(Value::take).context("the browser has no tree")?;
        let nodes: Vec<Node> = serde_json::from_value(nodes)?;
        let root = nodes.first().context("the tree is empty")?.id.clone();
        let nodes: HashMap<String, Node> = nodes.into_iter().map(|node| (node.id.clone(), node)).collect();
        let mut things = Vec::new();
        read(&root, &nodes, &mut things);
        Ok(Self { things })
    }

    /// The first that is said of a page.
    pub fn title(&self) -> &str {
        self.things.first().map_or("", |page| page.name.as_str())
    }

    /// The headings of the first level.
    pub fn headings(&self) -> Vec<&str> {
        let first = self.things.iter().filter(|thing| thing.role == "heading" && thing.level == Some(1));
        first.map(|heading| heading.name.as_str()).collect()
    }

    /// What is said without being asked for: the regions of messages that are not empty.
    pub fn told(&self) -> Vec<String> {
        let regions = self.things.iter().enumerate();
        let regions = regions.filter(|(_, thing)| matches!(thing.role.as_str(), "status" | "alert"));
        regions.map(|(at, region)| self.text(at, region)).filter(|text| !text.is_empty()).collect()
    }

    pub fn find(&self, role: &str, name: &str) -> Option<&Thing> {
        self.things.iter().find(|thing| thing.is(role, name))
    }

    /// All that is read inside of something.
    ///
    /// # Errors
    /// When there is no such thing.
    pub fn inside(&self, role: &str, name: &str) -> anyhow::Result<String> {
        let mut all = self.things.iter().enumerate();
        let found = all.find(|(_, thing)| thing.is(role, name));
        let (at, thing) = found.with_context(|| format!("no {role} “{name}” in:\n{}", self.whole()))?;
        Ok(self.text(at, thing))
    }

    /// All that is read.
    pub fn whole(&self) -> String {
        self.things.first().map(|page| self.text(0, page)).unwrap_or_default()
    }

    fn text(&self, at: usize, thing: &Thing) -> String {
        let inside = self.things.get(at..thing.end).unwrap_or_default().iter();
        let texts = inside.filter(|thing| thing.role == "StaticText").map(|text| text.name.as_str());
        words(&texts.collect::<Vec<_>>().join(" "))
    }

    /// What has the focus. The page as a whole has it as long as nobody went anywhere, which is none.
    pub fn focus(&self) -> Option<&Thing> {
        self.things.iter().find(|thing| thing.role != "RootWebArea" && thing.is_on("focused"))
    }

    /// Where in the order of reading something stands.
    pub fn place(&self, of: &Thing) -> Option<usize> {
        self.things.iter().position(|thing| thing.element.is_some() && thing.element == of.element)
    }

    /// Links that are called the same lead to the same.
    ///
    /// # Errors
    /// When they do not: which, and where they lead.
    pub fn tells_links_apart(&self) -> anyhow::Result<()> {
        let mut known: BTreeMap<&str, &str> = BTreeMap::new();
        for link in self.things.iter().filter(|thing| thing.role == "link") {
            let before = *known.entry(&link.name).or_insert(link.leads_to());
            ensure!(before == link.leads_to(), "{link} leads to `{before}` and to `{}`", link.leads_to());
        }
        Ok(())
    }
}

/// As `getFullAXTree` has it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Node {
    #[serde(rename = "nodeId")]
    id: String,
    #[serde(default)]
    ignored: bool,
    role: Option<Said>,
    name: Option<Said>,
    description: Option<Said>,
    #[serde(default)]
    properties: Vec<Property>,
    #[serde(default)]
    child_ids: Vec<String>,
    #[serde(rename = "backendDOMNodeId")]
    element: Option<i64>,
}

#[derive(Deserialize)]
struct Said {
    #[serde(default)]
    value: Value,
}

#[derive(Deserialize)]
struct Property {
    name: String,
    value: Said,
}

impl Node {
    fn thing(&self) -> Thing {
        let said = |part: &Option<Said>| {
            words(part.as_ref().and_then(|part| part.value.as_str()).unwrap_or_default())
        };
        let property = |name: &str| {
            self.properties
                .iter()
                .find(|property| property.name == name)
                .map(|property| &property.value.value)
        };
        // A box is said to be "true", everything else to be true.
        let on = self.properties.iter().filter(|one| one.value.value == true || one.value.value == "true");
        Thing {
            role: said(&self.role),
            name: said(&self.name),
            description: said(&self.description),
            on: on.map(|property| property.name.clone()).collect(),
            level: property("level").and_then(Value::as_i64),
            leads_to: property("url").and_then(Value::as_str).map(ToOwned::to_owned),
            element: self.element,
            end: 0,
        }
    }
}

/// What is ignored is not read, but what is in it.
fn read(id: &str, nodes: &HashMap<String, Node>, things: &mut Vec<Thing>) {
    let Some(node) = nodes.get(id) else { return };
    let at = things.len();
    if !node.ignored {
        things.push(node.thing());
    }
    for child in &node.child_ids {
        read(child, nodes, things);
    }
    let end = things.len();
    if !node.ignored
        && let Some(thing) = things.get_mut(at)
    {
        thing.end = end;
    }
}

/// A part of a name that is not seen is set off by a space, and nobody hears that.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace(" :", ":")
}
