package main

import (
	"context"
	"database/sql"
	"runtime"
	"time"

	_ "github.com/mattn/go-sqlite3"
)

const (
	columns    = "id, customer_id, wood_type, quantity, status, created_at, updated_at, revision"
	getOrder   = "SELECT " + columns + " FROM orders WHERE id = ?"
	listOrders = "SELECT " + columns + " FROM orders ORDER BY id LIMIT ?"
	insert     = "INSERT INTO orders(customer_id, wood_type, quantity, status, created_at, updated_at, revision) " +
		"VALUES (?, ?, ?, ?, ?, ?, 1)"
	// Changes nothing where the order has the status already.
	update = "UPDATE orders SET status = ?1, updated_at = ?2, revision = revision + 1 " +
		"WHERE id = ?3 AND status <> ?1 RETURNING " + columns
)

// store keeps orders in SQLite: one connection for writing, a pool for reading, statements prepared once.
type store struct {
	writing *sql.DB
	one     *sql.Stmt
	page    *sql.Stmt
	add     *sql.Stmt
	change  *sql.Stmt
	current *sql.Stmt
}

func openStore(file string) (*store, error) {
	const settings = "?_journal_mode=WAL&_synchronous=FULL&_foreign_keys=1&_busy_timeout=5000"
	writing, err := sql.Open("sqlite3", "file:"+file+settings+"&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	writing.SetMaxOpenConns(1)
	reading, err := sql.Open("sqlite3", "file:"+file+settings+"&mode=ro")
	if err != nil {
		return nil, err
	}
	readers := 2 * runtime.NumCPU()
	reading.SetMaxOpenConns(readers)
	reading.SetMaxIdleConns(readers)

	s := &store{writing: writing}
	for _, p := range []struct {
		statement **sql.Stmt
		database  *sql.DB
		text      string
	}{
		{&s.one, reading, getOrder}, {&s.page, reading, listOrders},
		{&s.add, writing, insert}, {&s.change, writing, update}, {&s.current, writing, getOrder},
	} {
		if *p.statement, err = p.database.Prepare(p.text); err != nil {
			return nil, err
		}
	}
	return s, nil
}

type scanner interface{ Scan(...interface{}) error }

func scan(row scanner) (*order, error) {
	var o order
	err := row.Scan(
		&o.ID, &o.Customer, &o.WoodType, &o.Quantity, &o.Status, &o.CreatedAt, &o.UpdatedAt, &o.Revision)
	if err != nil {
		return nil, err
	}
	return &o, nil
}

func (s *store) get(ctx context.Context, id int64) (*order, error) {
	return scan(s.one.QueryRowContext(ctx, id))
}

func (s *store) list(ctx context.Context, limit int) ([]*order, error) {
	return scanAll(s.page.QueryContext(ctx, limit))
}

// scanAll reads the rows of a query.
func scanAll(rows *sql.Rows, err error) ([]*order, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	orders := make([]*order, 0, 100)
	for rows.Next() {
		o, err := scan(rows)
		if err != nil {
			return nil, err
		}
		orders = append(orders, o)
	}
	return orders, rows.Err()
}

func (s *store) create(ctx context.Context, d *draft) (*order, error) {
	return insertOrder(ctx, s.add, d)
}

func (s *store) update(ctx context.Context, id int64, c *change) (*order, error) {
	return updateOrder(ctx, s.change, s.current, id, c)
}

func insertOrder(ctx context.Context, statement *sql.Stmt, d *draft) (*order, error) {
	now := time.Now().UnixMilli()
	result, err := statement.ExecContext(ctx, d.Customer, d.WoodType, d.Quantity, d.Status, now, now)
	if err != nil {
		return nil, err
	}
	id, err := result.LastInsertId()
	if err != nil {
		return nil, err
	}
	return d.order(id, moment(now)), nil
}

func updateOrder(ctx context.Context, update, current *sql.Stmt, id int64, c *change) (*order, error) {
	updated, err := scan(update.QueryRowContext(ctx, c.Status, time.Now().UnixMilli(), id))
	if err == sql.ErrNoRows {
		return scan(current.QueryRowContext(ctx, id))
	}
	return updated, err
}
