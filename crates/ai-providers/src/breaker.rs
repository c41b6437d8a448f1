//! Circuit breakers: after several failures in a row a partition's calls are refused for a while, then one is let through
//! to see.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use moka::sync::Cache;
use pm33_ai::AiError;
use tokio::time::Instant;

/// Failures in a row that open a circuit.
const FAILURES: u32 = 5;
/// How long it stays open.
const OPEN: Duration = Duration::from_secs(30);
/// Partitions that are remembered.
const PARTITIONS: u64 = 10_000;

#[derive(Debug, Default)]
struct Circuit {
    failures: u32,
    open_until: Option<Instant>,
}

/// The circuits of one provider.
#[derive(Debug)]
pub(crate) struct Breakers(Cache<String, Arc<Mutex<Circuit>>>);

impl Breakers {
    pub(crate) fn new() -> Self {
        Self(Cache::new(PARTITIONS))
    }

    fn circuit(&self, partition: &str) -> Arc<Mutex<Circuit>> {
        self.0.get_with_by_ref(partition, Arc::default)
    }

    /// Whether a call may be made now.
    pub(crate) fn enter(&self, partition: &str) -> Result<(), AiError> {
        let circuit = self.circuit(partition);
        let mut circuit = circuit.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(until) = circuit.open_until else { return Ok(()) };
        let now = Instant::now();
        if now < until {
            return Err(AiError::CircuitOpen { again_in: until - now });
        }
        // This call looks whether it works again; the others wait for what it finds.
        circuit.open_until = Some(now + OPEN);
        Ok(())
    }

    /// Notes how a call ended.
    pub(crate) fn note<T>(&self, partition: &str, ended: &Result<T, AiError>) {
        let circuit = self.circuit(partition);
        let mut circuit = circuit.lock().unwrap_or_else(PoisonError::into_inner);
        match ended {
            Err(error) if error.is_outage() => {
                circuit.failures += 1;
                if circuit.failures >= FAILURES {
                    circuit.open_until = Some(Instant::now() + OPEN);
                }
            }
            // Somebody hung up: that says nothing about the provider.
            Err(AiError::Cancelled { .. } | AiError::CircuitOpen { .. }) => {}
            _ => *circuit = Circuit::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outage() -> Result<(), AiError> {
        Err(AiError::Overloaded { status: 529, retry_after: None })
    }

    #[tokio::test(start_paused = true)]
    async fn a_circuit_opens_for_its_partition_alone_and_lets_one_look() {
        let breakers = Breakers::new();
        for _ in 0..FAILURES {
            assert!(breakers.enter("a").is_ok());
            breakers.note("a", &outage());
        }
        assert!(matches!(breakers.enter("a"), Err(AiError::CircuitOpen { again_in }) if again_in == OPEN));
        assert!(breakers.enter("b").is_ok());
        tokio::time::advance(OPEN).await;
        assert!(breakers.enter("a").is_ok());
        assert!(breakers.enter("a").is_err(), "one looks at a time");
        breakers.note("a", &Ok(()));
        assert!(breakers.enter("a").is_ok() && breakers.enter("a").is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn only_outages_in_a_row_count() {
        let breakers = Breakers::new();
        for round in 0..20 {
            assert!(breakers.enter("a").is_ok());
            let ended =
                if round % 4 == 3 { Err(AiError::BadRequest { why: String::new() }) } else { outage() };
            breakers.note("a", &ended);
        }
    }
}
