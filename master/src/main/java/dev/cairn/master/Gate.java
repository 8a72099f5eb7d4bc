package dev.cairn.master;

import dev.cairn.rpc.Check;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.error.GrpcErrors;
import io.grpc.BindableService;
import io.grpc.ForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.StatusException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * The services of one of several masters, at the port all the time, and open while this one leads.
 * Whether it does is asked before a call begins and once more when its answer is ready: a master
 * that stood still in between refuses what it has found out, which may be stale.
 */
final class Gate {

  private final List<ServiceDescriptor> descriptors;
  private final BooleanSupplier leads;
  private final Supplier<String> leader;

  /** What is answered while it is shut, by the full names. */
  private final Map<String, ServerMethodDefinition<?, ?>> always;

  /** By their full names; empty while it is shut. */
  private volatile Map<String, ServerMethodDefinition<?, ?>> methods = Map.of();

  /**
   * A gate that is shut.
   *
   * @param leads whether this master leads for sure
   * @param leader the address of the one that does; empty when it is not known
   * @param always services that stand in for others while it is shut
   */
  Gate(
      List<ServiceDescriptor> descriptors,
      BooleanSupplier leads,
      Supplier<String> leader,
      List<BindableService> always) {
    this.descriptors = descriptors;
    this.leads = leads;
    this.leader = leader;
    this.always = methodsOf(always);
  }

  /** What stands for the services at the port. */
  List<BindableService> services() {
    List<BindableService> services = new ArrayList<>();
    for (ServiceDescriptor descriptor : descriptors) {
      services.add(() -> definition(descriptor));
    }
    return services;
  }

  private ServerServiceDefinition definition(ServiceDescriptor descriptor) {
    ServerServiceDefinition.Builder builder = ServerServiceDefinition.builder(descriptor);
    for (MethodDescriptor<?, ?> method : descriptor.getMethods()) {
      add(builder, method);
    }
    return builder.build();
  }

  private <Q, R> void add(ServerServiceDefinition.Builder builder, MethodDescriptor<Q, R> method) {
    ServerCallHandler<Q, R> handler = (call, headers) -> begin(method, call, headers);
    builder.addMethod(method, handler);
  }

  private <Q, R> ServerCall.Listener<Q> begin(
      MethodDescriptor<Q, R> method, ServerCall<Q, R> call, Metadata headers) {
    String name = method.getFullMethodName();
    ServerMethodDefinition<?, ?> definition = methods.get(name);
    if (definition == null && always.containsKey(name)) {
      return start(always.get(name), call, headers);
    }
    if (definition == null || !leads.getAsBoolean()) {
      StatusException refusal = GrpcErrors.toStatus(notLeader());
      call.close(refusal.getStatus(), refusal.getTrailers());
      return new ServerCall.Listener<>() {};
    }
    return start(definition, new Guarded<>(call), headers);
  }

  /** Begins a call of the one method of its name. */
  @SuppressWarnings("unchecked")
  private static <Q, R> ServerCall.Listener<Q> start(
      ServerMethodDefinition<?, ?> definition, ServerCall<Q, R> call, Metadata headers) {
    return ((ServerMethodDefinition<Q, R>) definition)
        .getServerCallHandler()
        .startCall(call, headers);
  }

  private CairnException notLeader() {
    return CairnException.notLeader(leader.get());
  }

  /** A call whose end is asked once more whether it may be told. */
  private final class Guarded<Q, R> extends ForwardingServerCall.SimpleForwardingServerCall<Q, R> {

    Guarded(ServerCall<Q, R> call) {
      super(call);
    }

    @Override
    public void close(Status status, Metadata trailers) {
      if (GrpcErrors.number(trailers) == ErrorCode.NOT_LEADER.number() || leads.getAsBoolean()) {
        super.close(status, trailers);
      } else {
        StatusException refusal = GrpcErrors.toStatus(notLeader().ofWhatMayBeDone());
        super.close(refusal.getStatus(), refusal.getTrailers());
      }
    }
  }

  /** Lets calls through to these services. */
  void open(List<BindableService> services) {
    methods = methodsOf(services);
  }

  private Map<String, ServerMethodDefinition<?, ?>> methodsOf(List<BindableService> services) {
    Map<String, ServerMethodDefinition<?, ?>> byName = new HashMap<>();
    for (BindableService service : services) {
      ServerServiceDefinition definition = service.bindService();
      String name = definition.getServiceDescriptor().getName();
      Check.that(
          descriptors.stream().anyMatch(known -> known.getName().equals(name)),
          "the service %s has no place at the port",
          name);
      for (ServerMethodDefinition<?, ?> method : definition.getMethods()) {
        byName.put(method.getMethodDescriptor().getFullMethodName(), method);
      }
    }
    return byName;
  }

  boolean isOpen() {
    return !methods.isEmpty();
  }

  /** Refuses new calls; those under way find out when they end. */
  void shut() {
    methods = Map.of();
  }
}
