//! Names that look like names, each once.

const GIVEN: [&str; 24] = [
    "Ana", "Bruno", "Carla", "Diego", "Elena", "Felix", "Greta", "Hugo", "Ines", "Jonas", "Karin", "Luis",
    "Marta", "Nico", "Olga", "Pablo", "Quim", "Rosa", "Stefan", "Teresa", "Ulla", "Viktor", "Wanda", "Xenia",
];

const FAMILY: [&str; 25] = [
    "Reyes", "Alder", "Bosch", "Castro", "Dietz", "Engel", "Ferrer", "Gallo", "Huber", "Ibarra", "Jansen",
    "Keller", "Lorenz", "Moreno", "Nadal", "Ortega", "Prieto", "Quast", "Rossi", "Serra", "Torres", "Unger",
    "Vidal", "Weber", "Zapata",
];

/// The name of the person with this number.
pub fn name(number: usize) -> String {
    let pick =
        |names: &[&str], at: usize| names.get(at % names.len()).copied().unwrap_or_default().to_owned();
    // 24 and 25 have no divisor in common: the first 600 differ without a number behind them.
    let (given, family) = (pick(&GIVEN, number), pick(&FAMILY, number));
    match number / (GIVEN.len() * FAMILY.len()) {
        0 => format!("{given} {family}"),
        again => format!("{given} {family} {}", again + 1),
    }
}

/// Their login at this domain.
pub fn login(number: usize, domain: &str) -> String {
    format!("{}@{domain}", name(number).to_lowercase().replace(' ', "."))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn nobody_is_called_like_somebody_else() {
        let names: BTreeSet<String> = (0..5_000).map(name).collect();
        assert_eq!(names.len(), 5_000);
        assert_eq!(login(0, "commons.example"), "ana.reyes@commons.example");
    }
}
