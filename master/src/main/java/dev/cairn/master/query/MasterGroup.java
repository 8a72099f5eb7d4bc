package dev.cairn.master.query;

import java.util.List;

/** The masters of the cluster, as one of them knows them now. */
public interface MasterGroup {

  /** One master without others. */
  MasterGroup ALONE =
      new MasterGroup() {
        @Override
        public List<String> addresses() {
          return List.of();
        }

        @Override
        public long term() {
          return 0;
        }
      };

  /** The control addresses of all masters; empty when there is one. */
  List<String> addresses();

  /** The term in which this master leads; 0 when there is one. */
  long term();
}
