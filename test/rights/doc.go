// Package rights holds the rights matrix: who may do what, as one table.
//
// The table is asked of a real API server by test/integration, and written into docs/rights.md for those who do not read Go. A right that a
// role has and the table does not is an error, and so is the reverse. The package asks nobody itself and keeps no state.
package rights
