// Note that journeys are as they are to be
// Answers: nothing; it stores the instant of the last touchpoint (another load may have stored a later one meanwhile), and the
// revision grows.
// Parameters:
//   $data_end_us  integer: instant of the last touchpoint in microseconds since 1970, UTC, e.g. 1767225600000000
:params {data_end_us: 1767225600000000};
MATCH (rules:Configuration {name: 'journeys'})
SET rules.data_end_us = CASE WHEN rules.data_end_us > $data_end_us THEN rules.data_end_us ELSE $data_end_us END,
    rules.revision = coalesce(rules.revision, 0) + 1
