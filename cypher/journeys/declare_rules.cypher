// Declare the rules that make journeys
// Answers: nothing; it stores the goals, and the longest idle time of a session and of a journey (microseconds).
// Parameters:
//   $goals  list of text: steps that are conversions, e.g. ['purchase']
//   $session_idle_us  integer: longest idle time inside a session, e.g. 1800000000
//   $journey_window_us  integer: longest idle time inside a journey, e.g. 2592000000000
:params {goals: ['purchase'], session_idle_us: 1800000000, journey_window_us: 2592000000000};
MERGE (rules:Configuration {name: 'journeys'})
SET rules.goals = $goals, rules.session_idle_us = $session_idle_us, rules.journey_window_us = $journey_window_us
