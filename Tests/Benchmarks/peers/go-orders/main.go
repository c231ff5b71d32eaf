// Go-orders is the order service as a Go programmer would write it: net/http and a driver on orderd's own table.
//
//	go-orders [-group] FILE
//	go-orders -driver lib-pq|pgx URL
//
// FILE is an SQLite database that orderd made, URL one of PostgreSQL. It listens on a port of 127.0.0.1 that the system
// chooses, prints `listening 127.0.0.1:PORT`, and serves until killed. Every write is its own transaction; with -group,
// and with pgx, the creates that wait are committed together.
package main

import (
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"time"
)

func main() {
	group := flag.Bool("group", false, "commit the writes that wait together")
	driver := flag.String("driver", "sqlite", "sqlite, lib-pq or pgx")
	flag.Parse()
	if flag.NArg() != 1 {
		log.Fatal("usage: go-orders [-group] FILE, or go-orders -driver lib-pq|pgx URL")
	}
	handler, err := open(*driver, *group, flag.Arg(0))
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("listening %s\n", listener.Addr())
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       60 * time.Second,
	}
	log.Fatal(server.Serve(listener))
}

func open(driver string, group bool, place string) (*service, error) {
	switch driver {
	case "sqlite":
		store, err := openStore(place)
		if err != nil {
			return nil, err
		}
		if group {
			return &service{reads: store, writes: newGroupWriter(store)}, nil
		}
		return &service{reads: store, writes: store}, nil
	case "lib-pq":
		store, err := openPQStore(place)
		return &service{reads: store, writes: store}, err
	case "pgx":
		store, err := openPGXStore(place)
		return &service{reads: store, writes: store}, err
	default:
		return nil, errors.New("unknown driver " + driver)
	}
}
