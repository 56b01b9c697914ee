//! Where people are: all who are here, circles of them, and who else acts for a tailnet or lends on it.

use model::{CircleId, PersonId, TailnetId};

use crate::ports::people::Deed;

pub fn people() -> String {
    "/people".into()
}
pub fn person(id: PersonId) -> String {
    format!("/people/{id}")
}
/// What a deed means, before it is done.
pub fn person_deed(id: PersonId, deed: Deed) -> String {
    format!("/people/{id}/{}", deed.as_str())
}
/// Named groups of people of whoever looks.
pub fn circles() -> String {
    "/circles".into()
}
pub fn circle(id: CircleId) -> String {
    format!("/circles/{id}")
}
/// The form of an offer to all who are in it.
pub fn offer_to_circle(id: CircleId) -> String {
    format!("/offers/new?circle={id}")
}
/// The page that says what ends before somebody leaves a circle; without a person: before it goes.
pub fn leave_circle(id: CircleId, person: Option<PersonId>) -> String {
    person.map_or_else(|| format!("/circles/{id}/end"), |person| format!("/circles/{id}/leave/{person}"))
}
pub fn stewards(id: TailnetId) -> String {
    format!("/tailnets/{id}/stewards")
}
/// Of a steward: what becomes of the tokens that they made.
pub fn remove_steward(id: TailnetId, person: PersonId) -> String {
    format!("/tailnets/{id}/stewards/{person}/remove")
}
/// What it means that a steward becomes the owner, before it is done.
pub fn hand_over(id: TailnetId, person: PersonId) -> String {
    format!("/tailnets/{id}/stewards/{person}/hand-over")
}
/// Whose machines are whose, on a server with several people.
pub fn households(id: TailnetId) -> String {
    format!("/tailnets/{id}/households")
}
/// Who lends their own machines on a server, and who asks to.
pub fn lenders(id: TailnetId) -> String {
    format!("/tailnets/{id}/lenders")
}
