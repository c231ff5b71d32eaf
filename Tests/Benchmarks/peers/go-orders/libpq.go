package main

import (
	"context"
	"database/sql"
	"time"

	_ "github.com/lib/pq"
)

const (
	pqGet    = "SELECT " + columns + " FROM orders WHERE id = $1"
	pqList   = "SELECT " + columns + " FROM orders ORDER BY id LIMIT $1"
	pqInsert = "INSERT INTO orders(customer_id, wood_type, quantity, status, created_at, updated_at, revision) " +
		"VALUES ($1, $2, $3, $4, $5, $5, 1) RETURNING id"
	// Changes nothing where the order has the status already.
	pqUpdate = "UPDATE orders SET status = $1, updated_at = $2, revision = revision + 1 " +
		"WHERE id = $3 AND status <> $1 RETURNING " + columns
)

// pqConnections is as many as were of use: from 4 to 32, the number made no difference on two cores.
const pqConnections = 16

// pqStore keeps orders in PostgreSQL through lib/pq: a pool, statements prepared once, each write on its own.
type pqStore struct {
	one, page, add, change *sql.Stmt
}

func openPQStore(url string) (*pqStore, error) {
	database, err := sql.Open("postgres", url+"?sslmode=disable")
	if err != nil {
		return nil, err
	}
	database.SetMaxOpenConns(pqConnections)
	database.SetMaxIdleConns(pqConnections)
	s := &pqStore{}
	for _, p := range []struct {
		statement **sql.Stmt
		text      string
	}{{&s.one, pqGet}, {&s.page, pqList}, {&s.add, pqInsert}, {&s.change, pqUpdate}} {
		if *p.statement, err = database.Prepare(p.text); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *pqStore) get(ctx context.Context, id int64) (*order, error) {
	return scan(s.one.QueryRowContext(ctx, id))
}

func (s *pqStore) list(ctx context.Context, limit int) ([]*order, error) {
	return scanAll(s.page.QueryContext(ctx, limit))
}

func (s *pqStore) create(ctx context.Context, d *draft) (*order, error) {
	now := time.Now().Truncate(time.Millisecond)
	var id int64
	err := s.add.QueryRowContext(ctx, d.Customer, d.WoodType, d.Quantity, d.Status, now).Scan(&id)
	if err != nil {
		return nil, err
	}
	return d.order(id, moment(now.UnixMilli())), nil
}

func (s *pqStore) update(ctx context.Context, id int64, c *change) (*order, error) {
	now := time.Now().Truncate(time.Millisecond)
	updated, err := scan(s.change.QueryRowContext(ctx, c.Status, now, id))
	if err == sql.ErrNoRows {
		return s.get(ctx, id)
	}
	return updated, err
}
