//! Figures of one world beside those of the next.

use std::fmt;

/// A column for each world.
pub struct Table {
    worlds: Vec<usize>,
    rows: Vec<Row>,
}

struct Row {
    what: String,
    unit: &'static str,
    /// By world; absent where it was not measured.
    values: Vec<Option<f64>>,
}

impl Table {
    pub fn new() -> Self {
        Self { worlds: Vec::new(), rows: Vec::new() }
    }

    /// From now on figures are of this world.
    pub fn begin(&mut self, machines: usize) {
        eprintln!("bench: a world of {machines} machines");
        self.worlds.push(machines);
    }

    pub fn put(&mut self, what: impl Into<String>, value: f64, unit: &'static str) {
        let what = what.into();
        // Whoever waits wants to see something.
        eprintln!("bench:   {what}: {value:.3} {unit}");
        if !self.rows.iter().any(|row| row.what == what) {
            self.rows.push(Row { what: what.clone(), unit, values: Vec::new() });
        }
        let row = self.rows.iter_mut().find(|row| row.what == what);
        if let Some(row) = row {
            row.values.resize(self.worlds.len().saturating_sub(1), None);
            row.values.push(Some(value));
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<66}", "machines")?;
        for world in &self.worlds {
            write!(f, "{world:>12}")?;
        }
        writeln!(f, "{:>10}", "growth")?;
        for Row { what, unit, values } in &self.rows {
            write!(f, "{:<66}", format!("{what} ({unit})"))?;
            for number in 0..self.worlds.len() {
                match values.get(number).copied().flatten() {
                    Some(value) if value.abs() < 10.0 => write!(f, "{value:>12.3}")?,
                    Some(value) => write!(f, "{value:>12.1}")?,
                    None => write!(f, "{:>12}", "-")?,
                }
            }
            match values.as_slice() {
                [Some(first), .., Some(last)] if *first > 0.0 => {
                    writeln!(f, "{:>10}", format!("×{:.1}", last / first))?;
                }
                _ => writeln!(f)?,
            }
        }
        Ok(())
    }
}
