// The last run that looked for customers who are one person
// Answers: when it was, and what it learnt of how often which likeness occurs (JSON; null where too little was known).
// Parameters:
MATCH (run:IdentityRun {name: 'last'})
RETURN run.run AS run, run.at AS at, run.model AS model
