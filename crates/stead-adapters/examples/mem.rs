//! temp
use stead_adapters::*;
struct N(u64,u64,u64);
impl Sink for N { fn event(&mut self,_:Slot,_:stead_usf::Event){self.0+=1;} fn amend(&mut self,_:Slot,_:&str,a:&Amendment){ if matches!(a,Amendment::Result(_)){self.1+=1}else{self.2+=1} } fn end(&mut self,_:Slot,_:stead_usf::Session){} }
fn main(){ let env=Env::at_home(std::env::args().nth(1).unwrap()); for a in adapters(){ let mut us=vec![]; a.discover(&env,&mut |u| us.push(u)).unwrap(); for u in us { let mut n=N(0,0,0); let mut o=Output::new(&mut n); a.read(&u,None,&mut o).unwrap(); o.end_all(); drop(o); println!("{} {} {}",n.0,n.1,n.2); println!("{}", std::fs::read_to_string("/proc/self/status").unwrap().lines().filter(|l| l.starts_with("VmHWM")||l.starts_with("VmRSS")).collect::<Vec<_>>().join(" ")); } } }
