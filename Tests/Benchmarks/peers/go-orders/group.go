package main

import (
	"context"
	"database/sql"
)

// mostTogether is the most writes of one transaction.
const mostTogether = 1024

// groupWriter commits the writes that wait together: while one transaction is made durable, the next ones gather.
type groupWriter struct {
	store *store
	queue chan *write
}

// write is one waiting change; work is run inside the transaction.
type write struct {
	work func(tx *transaction) (*order, error)
	done chan result
}

type result struct {
	order *order
	err   error
}

// transaction holds the store's statements inside one transaction.
type transaction struct {
	insert, update, current *sql.Stmt
}

func newGroupWriter(s *store) *groupWriter {
	g := &groupWriter{store: s, queue: make(chan *write, mostTogether)}
	go g.run()
	return g
}

func (g *groupWriter) create(ctx context.Context, d *draft) (*order, error) {
	return g.wait(ctx, func(t *transaction) (*order, error) {
		return insertOrder(context.Background(), t.insert, d)
	})
}

func (g *groupWriter) update(ctx context.Context, id int64, c *change) (*order, error) {
	return g.wait(ctx, func(t *transaction) (*order, error) {
		return updateOrder(context.Background(), t.update, t.current, id, c)
	})
}

func (g *groupWriter) wait(ctx context.Context, work func(*transaction) (*order, error)) (*order, error) {
	w := &write{work: work, done: make(chan result, 1)}
	select {
	case g.queue <- w:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	r := <-w.done
	return r.order, r.err
}

func (g *groupWriter) run() {
	writes := make([]*write, 0, mostTogether)
	for first := range g.queue {
		writes = append(writes[:0], first)
		for more := true; more && len(writes) < mostTogether; {
			select {
			case w := <-g.queue:
				writes = append(writes, w)
			default:
				more = false
			}
		}
		g.commit(writes)
	}
}

// commit runs the writes in one transaction; when that fails, all of them fail.
func (g *groupWriter) commit(writes []*write) {
	results := make([]result, len(writes))
	err := g.inTransaction(func(t *transaction) {
		for i, w := range writes {
			results[i].order, results[i].err = w.work(t)
		}
	})
	for i, w := range writes {
		if err != nil {
			results[i] = result{err: err}
		}
		w.done <- results[i]
	}
}

func (g *groupWriter) inTransaction(body func(*transaction)) error {
	tx, err := g.store.writing.Begin()
	if err != nil {
		return err
	}
	body(&transaction{
		insert: tx.Stmt(g.store.add), update: tx.Stmt(g.store.change), current: tx.Stmt(g.store.current),
	})
	return tx.Commit()
}
